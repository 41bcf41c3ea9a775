//! The way to the service: proxies, certificates, small limits, and a process that was suspended.

use crate::fake::{Answer, Fake, Step, Switch, story_of, text_of};
use crate::harness::{Folder, KEY, finished, from_a_shell, sheet_of, signal};
use rustix::process::Signal;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_proxy_never_sees_loopback() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    let proxy = Fake::telling();
    let url = fake.url();
    let mut command =
        folder.command(["run", "cast.csv", "--base-url", &url, "--rate", "unlimited"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        command.env(variable, proxy.url());
    }
    assert_eq!(finished(command.spawn().expect("it starts")).code, 0);
    assert_eq!((fake.asked().len(), proxy.asked().len()), (2, 0));
}

/// Runs against `https` on a port, with little patience.
fn over_tls(port: u16) -> (Folder, crate::harness::Ran) {
    let folder = Folder::with_sheet(&sheet_of(3));
    let ran = folder.run(&format!(
        "run cast.csv --rate unlimited --patience 1s --base-url https://127.0.0.1:{port}"
    ));
    assert_eq!(folder.status()["pending"], 3);
    (folder, ran)
}

#[test]
fn an_untrusted_certificate_stops_the_run() {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../fixtures/untrusted.pem"))
        .expect("a certificate");
    let key =
        PrivateKeyDer::from_pem_slice(include_bytes!("../fixtures/untrusted.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("they fit");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let config = Arc::new(config);
    let heard = Switch::default();
    let server_heard = heard.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut connection =
                rustls::ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut secured = rustls::Stream::new(&mut connection, &mut stream);
            let mut byte = [0];
            if secured.read(&mut byte).is_ok_and(|read| read > 0) {
                server_heard.on();
            }
        }
    });
    let (folder, ran) = over_tls(port);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err
            .contains("cannot verify the TLS certificate of `127.0.0.1`"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("the TLS certificate was not accepted"),
        "{}",
        ran.err
    );
    let attempts = folder.query("select count(*) as many from attempts");
    assert_eq!(
        attempts,
        [serde_json::json!({"many": 1})],
        "never a blind retry"
    );
}

#[test]
fn a_service_that_does_not_speak_tls_stops_the_run() {
    let fake = Fake::telling();
    let (_, ran) = over_tls(fake.port);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(!ran.err.contains(KEY));
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for mut stream in silent.incoming().flatten() {
            // No handshake at all.
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let (_, ran) = over_tls(port);
    assert!(
        ran.err
            .contains("cannot verify the TLS certificate of `127.0.0.1`"),
        "{}",
        ran.err
    );
}

#[test]
fn a_handshake_that_is_cut_counts_as_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(drop));
    let (folder, ran) = over_tls(port);
    assert_eq!(ran.code, 3, "{}", ran.err);
    let outcomes = folder.query("select distinct outcome from attempts");
    assert_eq!(outcomes, [serde_json::json!({"outcome": "not_sent"})]);
}

/// The first text may be among what is unread: the process is suspended as soon as the server has sent it.
#[test]
fn a_suspended_process_first_reads_what_has_arrived() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let (suspended, half, whole) = (Switch::default(), Switch::default(), Switch::default());
    let (until, reached, sent) = (suspended.clone(), half.clone(), whole.clone());
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event("Half a")
            .then(Step::Reached(reached.clone()))
            .then(Step::Until(until.clone()))
            .event(" story.")
            .ended()
            .then(Step::Reached(sent.clone()))
    });
    let child = folder.start(&fake, "--idle-timeout 4s --timeout 4s");
    half.wait(1);
    signal(&child, Signal::STOP);
    suspended.on();
    whole.wait(1);
    // The process must be suspended for longer than its limits. A longer sleep changes nothing.
    std::thread::sleep(Duration::from_millis(4_500));
    signal(&child, Signal::CONT);
    let ran = finished(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let attempts = folder.query("select outcome, error, partial from attempts");
    assert_eq!(fake.asked().len(), 1, "{attempts:?}");
}

#[test]
fn a_small_limit_on_open_files_lowers_the_requests_with_a_notice() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(60)), Fake::telling());
    let child = from_a_shell(&folder, &fake, "ulimit -n 64", "--concurrency 256");
    let ran = finished(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("note: at most 32 requests at a time"),
        "{}",
        ran.err
    );
    assert_eq!(fake.asked().len(), 60);
}

#[test]
fn a_query_that_runs_for_ever_ends_with_ctrl_c() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    folder.generate(&fake, "");
    // Some rows show that the query has started. Then it runs for ever without a row.
    let endless = "with recursive n (n) as (select 1 union all select n + 1 from n) select n from n where n < 5000";
    let mut child = folder
        .command(["query", endless, "--format", "csv"])
        .spawn()
        .expect("it starts");
    let mut rows = child.stdout.take().expect("piped");
    rows.read_exact(&mut [0]).expect("a row");
    signal(&child, Signal::INT);
    assert!(matches!(finished(child).code, 130 | -2));
}

#[test]
fn every_byte_may_come_in_a_chunk_of_its_own() {
    let folder = Folder::with_sheet(&sheet_of(3));
    let fake = Fake::start(|asked| {
        let stream: String = story_of(&asked.name)
            .split('|')
            .map(crate::fake::event)
            .collect();
        let stream = format!("\u{feff}{}", stream.replace('\n', "\r\n"));
        Answer::chunks(stream.as_bytes().chunks(1))
    });
    assert_eq!(folder.generate(&fake, "").code, 0);
    for (name, story) in folder.stories() {
        assert_eq!(story, Some(text_of(&name)));
    }
}
