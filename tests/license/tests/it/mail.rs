//! The outbox: what is queued, how it is kept, and that an SMTP server gets it.

use std::fs;
use std::time::Duration;

use license_service::{Smtp, SmtpSecurity, StartError, start};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::Fixture;

#[tokio::test]
async fn a_code_and_its_link_are_mailed_and_only_the_server_key_opens_the_outbox() {
    let service = Fixture::new().await;
    let body = json!({"company_name": "Acme", "contact_email": "it@acme.example", "edition": "pro"});
    let tenant = service.back_office("/register-tenant", body).await.granted();
    let reissue = json!({"tenant_id": tenant["tenant_id"]});
    let reissued = service.back_office("/install-codes/reissue", reissue).await.granted();

    let outbox = service.store().outbox().unwrap();
    assert_eq!(outbox.len(), 2);
    for (message, answer) in outbox.iter().zip([&tenant, &reissued]) {
        let code = answer["install_code"].as_str().unwrap();
        let grouped = format!("{}-{}", &code[..4], &code[4..]);
        assert_eq!(message.mail.to, "it@acme.example");
        assert_eq!(message.mail.subject, "Your install code for Acme");
        assert!(message.mail.text.contains(&grouped));
        assert!(message.mail.text.contains(answer["download_url"].as_str().unwrap()));

        // Not in the database, not in its journal, in neither form.
        for file in fs::read_dir(service.directory.path().join("state")).unwrap() {
            let content = fs::read(file.unwrap().path()).unwrap();
            for secret in [code.as_bytes(), grouped.as_bytes()] {
                assert!(!content.windows(secret.len()).any(|window| window == secret));
            }
        }
    }
}

#[tokio::test]
async fn a_mail_server_gets_the_mail_and_the_outbox_forgets_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let received = tokio::spawn(async move {
        let (stream, _peer) = listener.accept().await.unwrap();
        receive_one(stream).await
    });
    let service =
        Fixture::with(|config| config.smtp = Some(relay(port, SmtpSecurity::LoopbackOnly, "127.0.0.1"))).await;
    let body = json!({"company_name": "Acme", "contact_email": "it@acme.example", "edition": "pro"});
    let tenant = service.back_office("/register-tenant", body).await.granted();

    let (recipient, text) = received.await.unwrap();
    assert_eq!(recipient, "RCPT TO:<it@acme.example>");
    assert!(text.contains("Subject: Your install code for Acme"));
    let code = tenant["install_code"].as_str().unwrap();
    assert!(text.contains(&format!("{}-{}", &code[..4], &code[4..])));
    // The server has said "accepted" before the service can note it, so the note is waited for; the limit only ends a test that
    // would otherwise wait for ever.
    let forgotten = async {
        while !service.store().outbox().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), forgotten).await.unwrap();
}

#[tokio::test]
async fn mail_never_crosses_a_network_unprotected() {
    let directory = tempfile::tempdir().unwrap();
    let mut config = license_service::Config::new(directory.path());
    config.smtp = Some(relay(25, SmtpSecurity::LoopbackOnly, "mail.company.example"));
    assert!(matches!(start(config).await, Err(StartError::Mail(_))));
}

fn relay(port: u16, security: SmtpSecurity, host: &str) -> Smtp {
    Smtp { host: host.to_owned(), port: Some(port), security, login: None, from: "codes@vendor.example".to_owned() }
}

/// As much of SMTP as one mail needs. Returns the recipient line and the message.
async fn receive_one(stream: TcpStream) -> (String, String) {
    let mut stream = BufReader::new(stream);
    let (mut recipient, mut message) = (String::new(), String::new());
    stream.write_all(b"220 relay\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let reply = match line.split_whitespace().next() {
            Some("RCPT") => {
                line.trim_end().clone_into(&mut recipient);
                "250 ok\r\n"
            }
            Some("DATA") => {
                stream.write_all(b"354 go on\r\n").await.unwrap();
                while !message.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut message).await.unwrap();
                }
                stream.write_all(b"250 accepted\r\n").await.unwrap();
                return (recipient, message);
            }
            _ => "250 ok\r\n",
        };
        stream.write_all(reply.as_bytes()).await.unwrap();
    }
}
