//! What a cloud says of the machine that it runs: its instance metadata, version 2 (`IMDSv2`).
//!
//! It is asked at its link-local addresses alone, and with a token that it has given before: whatever else answers there,
//! such as a captive portal, is not believed.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect::Policy};

/// Where it is, over IPv4 and over IPv6.
const SERVICES: [&str; 2] = ["http://169.254.169.254", "http://[fd00:ec2::254]"];

/// How long each answer may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// The most bytes that an answer may have; a token has some 60.
const LONGEST: usize = 1024;

/// The addresses of the machine, the one that others outside the cloud reach it at first.
const NAMES: [&str; 3] = ["public-ipv4", "local-ipv4", "ipv6"];

/// The address of this machine, if it runs in a cloud that says so.
pub(super) async fn instance_address() -> Option<IpAddr> {
    let client = client()?;
    for service in SERVICES {
        if let Some(address) = ask(&client, service).await {
            return Some(address);
        }
    }
    None
}

/// No proxy and no redirect leads to where it is.
fn client() -> Option<Client> {
    Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE).build().ok()
}

async fn ask(client: &Client, service: &str) -> Option<IpAddr> {
    let request = client.put(format!("{service}/latest/api/token"));
    let token =
        text(request.header("X-aws-ec2-metadata-token-ttl-seconds", "60")).await.filter(|text| is_token(text))?;
    for name in NAMES {
        let request = client.get(format!("{service}/latest/meta-data/{name}"));
        let response = request.header("X-aws-ec2-metadata-token", &token).send().await.ok()?;
        // Only an address that there is not makes room for the next one: what is lost on the way would.
        if response.status() == StatusCode::NOT_FOUND {
            continue;
        }
        let address = read(response).await?.trim().parse::<IpAddr>().ok();
        return address.filter(|address| !address.is_unspecified() && !address.is_loopback());
    }
    None
}

/// Base64, and nothing that a page would have in it.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_'))
}

/// The answer to a request: a short text, and not where else it is to be asked for.
async fn text(request: RequestBuilder) -> Option<String> {
    read(request.send().await.ok()?).await
}

async fn read(response: Response) -> Option<String> {
    let mut response = Some(response).filter(|response| response.status() == StatusCode::OK)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return None;
        }
    }
    String::from_utf8(body).ok()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    const TOKEN: &str = "AQAEALpbT3vGwEqRrZ7Zx-_0aXo=";

    /// What a service is like.
    #[derive(Clone, Copy)]
    struct Service {
        /// To whoever asks for a token.
        token: &'static str,
        /// To whoever asks for a name with the right token.
        told: fn(&str) -> &'static str,
    }

    /// A service that answers every request in its own way; gives its address, and what it is asked.
    async fn start(service: Service) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => request.push(byte),
                            Err(_closed) => return,
                        }
                    }
                    let request = String::from_utf8_lossy(&request).into_owned();
                    let answer = answered(service, &request);
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        format!("http://{address}")
    }

    fn answered(service: Service, request: &str) -> String {
        let has = |header: &str| request.lines().any(|line| line.eq_ignore_ascii_case(header));
        if request.starts_with("PUT /latest/api/token ") && has("X-aws-ec2-metadata-token-ttl-seconds: 60") {
            return service.token.to_owned();
        }
        let name = request.strip_prefix("GET /latest/meta-data/").and_then(|rest| rest.split(' ').next());
        match name.filter(|_| has(&format!("X-aws-ec2-metadata-token: {TOKEN}"))) {
            Some(name) => (service.told)(name).to_owned(),
            None => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
        }
    }

    macro_rules! ok {
        ($body:expr) => {
            concat!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", $body)
        };
    }

    const GIVEN: &str = ok!("AQAEALpbT3vGwEqRrZ7Zx-_0aXo=");
    const MISSING: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    const PAGE: &str = ok!("<!DOCTYPE html><title>Sign in to the network</title>");
    const ELSEWHERE: &str = "HTTP/1.1 302 Found\r\nLocation: /latest/meta-data/local-ipv4\r\nContent-Length: 9\r\nConnection: close\r\n\r\n192.0.2.9";

    #[tokio::test]
    async fn only_a_service_that_gives_tokens_is_believed() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        for (what, token, told, expected) in [
            ("a public address", GIVEN, (|_| ok!("198.51.100.7")) as fn(&str) -> &'static str, Some("198.51.100.7")),
            (
                "none but a local one",
                GIVEN,
                |name| if name == "local-ipv4" { ok!("10.0.0.7\n") } else { MISSING },
                Some("10.0.0.7"),
            ),
            (
                "IPv6 alone",
                GIVEN,
                |name| if name == "ipv6" { ok!("2001:db8::7") } else { MISSING },
                Some("2001:db8::7"),
            ),
            (
                "one that is lost for a moment",
                GIVEN,
                |name| if name == "local-ipv4" { ok!("10.0.0.7") } else { BUSY },
                None,
            ),
            ("no addresses", GIVEN, |_| MISSING, None),
            ("no address", GIVEN, |_| ok!("ip-10-0-0-7.internal"), None),
            ("an address of nobody", GIVEN, |_| ok!("0.0.0.0"), None),
            ("a captive portal", PAGE, |_| PAGE, None),
            ("one that leads elsewhere", ELSEWHERE, |_| ok!("192.0.2.9"), None),
            ("pages behind a token", GIVEN, |_| PAGE, None),
            ("redirects behind a token", GIVEN, |_| ELSEWHERE, None),
            ("what answers without a token", MISSING, |_| ok!("192.0.2.9"), None),
            ("another token", ok!("another"), |_| ok!("192.0.2.9"), None),
            ("an empty token", ok!(""), |_| ok!("192.0.2.9"), None),
        ] {
            let service = start(Service { token, told }).await;
            let found = ask(&client().expect("a client"), &service).await;
            assert_eq!(found.map(|address| address.to_string()).as_deref(), expected, "{what}");
        }
    }

    #[tokio::test]
    async fn what_does_not_stop_is_cut_off() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let service = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
            let mut written = stream.write_all(head.as_bytes()).await;
            while written.is_ok() {
                written = stream.write_all(&[b'A'; 4096]).await;
            }
        });
        assert_eq!(ask(&client().expect("a client"), &service).await, None);
    }
}
