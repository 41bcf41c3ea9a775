//! A `PostgreSQL` server for the tests, and a fresh database on it for each test that wants one.
//!
//! The first test that needs it starts a private server from the programs of this machine, in a temporary folder, durable as in use.
//! The server ends with the test process, also when that is killed: a shell that waits for the end of a pipe stops it. With
//! `BACKSTORY_TEST_POSTGRES` that server is used instead; its role must be allowed to create databases.

use super::{missing, needs};
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

/// The server of the tests. Without one see [`missing`].
pub(crate) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("BACKSTORY_TEST_POSTGRES") {
        Ok(address) => Some(Server {
            base: address.trim_end_matches('/').to_owned(),
            port: None,
            _shell: None,
        }),
        Err(_) => programs().map(|programs| start(&programs)),
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

/// Carries statements out, on a thread of its own, because a test may be in a runtime.
fn execute(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.expect("a runtime").block_on(async {
            let mut connection = PgConnection::connect(&url).await?;
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
            connection.close().await
        })
    });
    let done: Result<(), sqlx::Error> = thread.join().expect("no panic");
    done.expect("it is carried out");
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
fn start(programs: &Path) -> Server {
    let folder = tempfile::Builder::new().prefix("backstory-pg").tempdir();
    let folder = folder.expect("a folder").keep();
    let port = free_port();
    // When the pipe to this process is closed, the script ends, at whatever line it is, and undoes everything.
    let script = format!(
        "set -e; cd '{folder}'; PATH='{programs}':$PATH; trap '' PIPE
         trap \"pg_ctl -D data -m immediate stop >stop.log 2>&1; cd /; rm -rf '{folder}'\" EXIT
         initdb -D data -U {OWNER} -A trust -E UTF8 --no-instructions >initdb.log 2>&1
         pg_ctl -w -D data -l server.log -o \"-p {port} -k '{folder}' -c listen_addresses=127.0.0.1 -c max_connections=200\" start >start.log 2>&1
         echo ready; cat >/dev/null",
        folder = folder.display(),
        programs = programs.display(),
    );
    let mut command = as_server_user(&folder);
    let shell = until_ready(command.args(["sh", "-c", &script]), &folder);
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
