//! A `PostgreSQL` server for the tests, and a fresh database on it for each test that wants one.
//!
//! The first test that needs it starts a private server from the programs of this machine, in a temporary folder, durable as in use.
//! The server ends with the test process, also when that is killed: a shell that waits for the end of a pipe stops it. With
//! `BACKSTORY_TEST_POSTGRES` that server is used instead; its role must be allowed to create databases.

use super::{missing, needs};
use backstory::facade::domain::character::Content;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The role that owns the private server.
const OWNER: &str = "owner";

/// A server.
pub(crate) struct Server {
    /// Its address without a database: `postgres://owner@127.0.0.1:5555`.
    base: String,
    /// The port, where the server is ours.
    pub(crate) port: Option<u16>,
    /// The shell that stops the server when the pipe to it is closed, at the latest with this process.
    _shell: Option<Child>,
}

/// A database of its own for one test; dropping it removes it.
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) url: String,
}

/// What holds in every moment for the rows of all casts: counts are right, and nothing is claimed and forgotten.
pub(crate) const INVARIANTS: &str = "
    SET search_path = backstory;
    DO $$
    DECLARE
        v_cast record;
        v_rows record;
        v_tries record;
    BEGIN
        FOR v_cast IN SELECT * FROM z_cast_counts LOOP
            SELECT
                count(*) FILTER (WHERE status = 'done' AND NOT gone) AS done,
                count(*) FILTER (WHERE status = 'failed' AND NOT gone) AS failed,
                count(*) FILTER (WHERE status IN ('pending', 'running') AND NOT gone) AS pending,
                count(*) FILTER (WHERE flags <> 0 AND NOT gone) AS flagged,
                count(*) FILTER (WHERE takes <> (SELECT count(*) FROM stored_takes t WHERE t.character_id = c.id)) AS wrong_takes
            INTO v_rows FROM stored_characters c WHERE cast_id = v_cast.cast_id;
            SELECT
                count(*) FILTER (WHERE outcome IS DISTINCT FROM 'not_sent') AS requests,
                count(*) FILTER (WHERE outcome IN ('unknown', 'interrupted')) AS maybe_charged,
                count(*) FILTER (WHERE outcome IS NULL AND NOT (c.status = 'running' AND c.claim = a.attempt AND c.run_id = a.run_id))
                    AS forgotten
            INTO v_tries FROM stored_attempts a JOIN stored_characters c ON c.id = a.character_id WHERE cast_id = v_cast.cast_id;
            ASSERT (v_cast.done, v_cast.failed, v_cast.pending + v_cast.running, v_cast.flagged) = (v_rows.done, v_rows.failed, v_rows.pending, v_rows.flagged),
                format('counts: %s, counted: %s', v_cast, v_rows);
            ASSERT (v_cast.requests, v_cast.maybe_charged) = (v_tries.requests, v_tries.maybe_charged), format('attempts: %s, counted: %s', v_cast, v_tries);
            ASSERT NOT EXISTS (
                SELECT FROM stored_casts k LEFT JOIN runs r ON r.cast_id = k.id WHERE k.id = v_cast.cast_id GROUP BY k.id
                HAVING coalesce(k.cost, 0) + coalesce(k.cost_maybe, 0)
                    + sum(coalesce(r.cost, 0) + coalesce(r.cost_maybe, 0) + r.budget_reserved) > k.budget
            ), 'more than the budget is spent and lent';
            ASSERT v_rows.wrong_takes = 0 AND v_tries.forgotten = 0, format('takes: %s, attempts: %s', v_rows, v_tries);
        END LOOP;
        ASSERT NOT EXISTS (
            SELECT FROM stored_characters c WHERE status = 'running' AND NOT EXISTS (
                SELECT FROM stored_attempts a WHERE a.character_id = c.id AND a.attempt = c.claim AND a.outcome IS NULL
            )
        ), 'a character is running without an attempt';
        ASSERT NOT EXISTS (SELECT FROM runs WHERE ended_ms IS NOT NULL AND budget_reserved > 0), 'a run that is over holds a part of a budget';
    END
    $$";

/// A cast of so many pending characters, `Name 1` and on, as an import would store it. Its identity is 1 in a fresh database.
pub(crate) fn cast(characters: usize) -> String {
    let rows: Vec<String> = (1..=characters)
        .map(|nth| {
            let (name, description) = (format!("Name {nth}"), format!("Description {nth}"));
            let content: String = Content::of(&name, &description)
                .0
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("(1, {nth}, '{name}', '{description}', '{{}}', '\\x{content}')")
        })
        .collect();
    format!(
        "SET search_path = backstory;
         INSERT INTO recipes (fingerprint, provider, model, describe, describe_text) VALUES ('\\x01', 'convai', NULL, 'column', 'description');
         INSERT INTO stored_casts (name, created_ms, recipe_id, header, pending)
         SELECT 'cast', 0, id, '[\"name\",\"description\"]', {characters} FROM recipes;
         INSERT INTO stored_characters (cast_id, row, name, description, columns, content) VALUES {};
         ANALYZE",
        rows.join(",")
    )
}

/// The server of the tests. Without one see [`missing`].
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("BACKSTORY_TEST_POSTGRES") {
        Ok(address) => Some(Server {
            base: address.trim_end_matches('/').to_owned(),
            port: None,
            _shell: None,
        }),
        Err(_) => programs().map(|programs| {
            let folder = tempfile::Builder::new().prefix("backstory-pg").tempdir();
            start(&programs, &folder.expect("a folder").keep())
        }),
    });
    if server.is_none() {
        missing("PostgreSQL");
    }
    server.as_ref()
}

/// A fresh, empty database. Without a server see [`missing`].
pub(crate) fn database() -> Option<Database> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let server = server()?;
    let name = format!(
        "test_{}_{}",
        std::process::id(),
        MADE.fetch_add(1, Ordering::Relaxed)
    );
    execute(&server.url("postgres"), &format!("CREATE DATABASE {name}"));
    Some(Database {
        url: server.url(&name),
        name,
    })
}

impl Server {
    /// The address of one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        match self.base.split_once('?') {
            Some((base, settings)) => {
                format!("{}/{database}?{settings}", base.trim_end_matches('/'))
            }
            None => format!("{}/{database}", self.base),
        }
    }
}

impl Database {
    /// Carries statements out in it, as its owner.
    pub(crate) fn execute(&self, sql: &str) {
        execute(&self.url, sql);
    }

    /// What a query of one text says, within the schema.
    pub(crate) fn ask(&self, sql: &str) -> String {
        ask(&self.url, sql)
    }

    /// The same address for another role.
    pub(crate) fn as_role(&self, role: &str) -> String {
        self.url.replacen(OWNER, role, 1)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(server) = server() {
            let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            execute(&server.url("postgres"), &sql);
        }
    }
}

/// Carries statements out.
fn execute(url: &str, sql: &str) {
    let sql = sql.to_owned();
    on_connection(url, async move |connection| {
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
        done.map(drop)
    });
}

/// What a query of one text says.
fn ask(url: &str, sql: &str) -> String {
    let sql = sql.to_owned();
    on_connection(url, async move |connection| {
        let set = "SET search_path = backstory";
        sqlx::raw_sql(set).execute(&mut *connection).await?;
        let answer = sqlx::query_scalar(AssertSqlSafe(sql));
        answer.fetch_one(connection).await
    })
}

/// Does something on a connection of its own, on a thread of its own, because a test may be in a runtime.
fn on_connection<T: Send + 'static>(
    url: &str,
    work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error> + Send + 'static,
) -> T {
    let url = url.to_owned();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let mut connection = PgConnection::connect(&url).await?;
            let done = work(&mut connection).await?;
            connection.close().await?;
            Ok(done)
        })
    });
    let done: Result<T, sqlx::Error> = thread.join().expect("no panic");
    done.expect("it is carried out")
}

/// A server of one test, which may stop it. Its database is `postgres`.
pub(crate) struct Own {
    server: Server,
    programs: PathBuf,
    folder: PathBuf,
}

impl Own {
    /// A server that has just been started. Without its programs see [`missing`].
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            missing("PostgreSQL");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("backstory-pg").tempdir();
        let folder = folder.expect("a folder").keep();
        Some(Self {
            server: start(&programs, &folder),
            programs,
            folder,
        })
    }

    /// The address of its database.
    pub(crate) fn url(&self) -> String {
        self.server.url("postgres")
    }

    /// Carries statements out in it, as its owner.
    pub(crate) fn execute(&self, sql: &str) {
        execute(&self.url(), sql);
    }

    /// Stops it as a power failure does, and starts it again.
    pub(crate) fn crash(&self) {
        let mut command = as_server_user(&self.folder);
        let script = format!(
            "cd '{}' && '{}/pg_ctl' -w -D data -m immediate stop >stop.log 2>&1
             '{}/pg_ctl' -w -D data -l server.log -o \"$(cat options)\" start >start.log 2>&1 </dev/null",
            self.folder.display(),
            self.programs.display(),
            self.programs.display()
        );
        let done = command
            .args(["sh", "-c", &script])
            .process_group(0)
            .status();
        assert!(done.expect("a shell").success(), "it starts again");
    }
}

/// The folder with the programs of the server.
fn programs() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok();
    let named = output.map(|output| {
        let folder = String::from_utf8_lossy(&output.stdout).into_owned();
        PathBuf::from(folder.trim())
    });
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let debian = versions.flatten().flatten().map(|it| it.path().join("bin"));
    let mut debian: Vec<PathBuf> = debian.collect();
    debian.sort();
    let mut folders = named.into_iter().chain(debian.into_iter().rev());
    folders.find(|folder| folder.join("initdb").is_file())
}

/// Starts a private server. `initdb` refuses to run as root, so the user `postgres` does it then.
fn start(programs: &Path, folder: &Path) -> Server {
    let port = free_port();
    // When the pipe to this process is closed, the script ends, at whatever line it is, and undoes everything.
    let script = format!(
        "set -e; cd '{folder}'; PATH='{programs}':$PATH; trap '' PIPE
         trap \"pg_ctl -D data -m immediate stop >stop.log 2>&1; cd /; rm -rf '{folder}'\" EXIT
         initdb -D data -U {OWNER} -A trust -E UTF8 --no-instructions >initdb.log 2>&1
         echo \"-p {port} -k '{folder}' -c listen_addresses=127.0.0.1 -c max_connections=200\" >options
         pg_ctl -w -D data -l server.log -o \"$(cat options)\" start >start.log 2>&1
         echo ready; cat >/dev/null",
        folder = folder.display(),
        programs = programs.display(),
    );
    let mut command = as_server_user(folder);
    let shell = until_ready(command.args(["sh", "-c", &script]), folder);
    Server {
        base: format!("postgres://{OWNER}@127.0.0.1:{port}"),
        port: Some(port),
        _shell: Some(shell),
    }
}

/// Starts a shell and waits until it says `ready`.
fn until_ready(command: &mut Command, folder: &Path) -> Child {
    let mut shell = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Ctrl-C is for the tests; the server ends after them.
        .process_group(0)
        .spawn()
        .expect("a shell");
    let mut said = String::new();
    let out = shell.stdout.take().expect("piped");
    let _ = BufReader::new(out).read_line(&mut said);
    assert_eq!(said, "ready\n", "see the logs in {}", folder.display());
    shell
}

/// A connection pooler in transaction mode in front of the private server.
pub(crate) struct Pooler {
    shell: Child,
    port: u16,
}

impl Pooler {
    /// `None` where there is no private server, or no `pgbouncer`.
    pub(crate) fn start() -> Option<Self> {
        let server = server()?.port?;
        let program = needs("pgbouncer")?;
        let folder = tempfile::Builder::new().prefix("backstory-pool").tempdir();
        let folder = folder.expect("a folder").keep();
        let port = free_port();
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}
             auth_type = trust\nauth_file = users\npool_mode = transaction\ndefault_pool_size = 2\nunix_socket_dir =
             logfile = log\npidfile = pid\n"
        );
        std::fs::write(folder.join("settings"), settings).expect("a file");
        std::fs::write(folder.join("users"), format!("\"{OWNER}\" \"\"\n")).expect("a file");
        let mut command = as_server_user(&folder);
        let script = format!(
            "set -e; cd '{folder}'; trap '' PIPE; trap \"kill \\$(cat pid); cd /; rm -rf '{folder}'\" EXIT
             '{program}' -d settings >start.log 2>&1; echo ready; cat >/dev/null",
            folder = folder.display(),
            program = program.display(),
        );
        let shell = until_ready(command.args(["sh", "-c", &script]), &folder);
        Some(Self { shell, port })
    }

    /// The address of a database of the server, through the pooler.
    pub(crate) fn url(&self, database: &Database) -> String {
        format!(
            "postgres://{OWNER}@127.0.0.1:{}/{}",
            self.port, database.name
        )
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    free.expect("a free port").port()
}

/// How to run a program as a user that may run the server, which then owns `folder`.
pub(crate) fn as_server_user(folder: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new("env");
    }
    let owned = Command::new("chown").arg("postgres").arg(folder).status();
    assert!(
        owned.expect("`chown`").success(),
        "there is a user `postgres`"
    );
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]);
    command
}
