use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

use super::{Web, WebError};
use crate::AddressPolicy;

fn web() -> Web {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Web::new(AddressPolicy::default().allow_loopback(true), Duration::from_millis(300))
}

/// A server that reads one request and answers it with `answer`, or keeps silent.
async fn peer(answer: Option<&'static str>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request).await;
        match answer {
            Some(answer) => socket.write_all(answer.as_bytes()).await.unwrap(),
            None => std::future::pending().await,
        }
    });
    format!("http://127.0.0.1:{port}/bot-s3cret/send").parse().unwrap()
}

#[tokio::test]
async fn an_answer_is_one_whatever_its_status() {
    let url = peer(Some("HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 11\r\n\r\n{\"ok\":false")).await;
    let answer = web().call(&url, |client, url| client.post(url).body("x")).await.unwrap();
    assert_eq!((answer.status, answer.retry_after()), (429, Some(Duration::from_secs(7))));
    assert!(answer.json().is_null() && !answer.is_success());
}

#[tokio::test]
async fn what_was_heard_is_lost_and_what_was_not_may_be_repeated() {
    for broken in [None, Some("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx"), Some("")] {
        let url = peer(broken).await;
        let error = web().call(&url, |client, url| client.post(url).body("x")).await.unwrap_err();
        assert!(matches!(error, WebError::Lost(_)), "{broken:?}: {error:?}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{free}/").parse().unwrap();
    let error = web().call(&url, |client, url| client.post(url)).await.unwrap_err();
    assert!(matches!(error, WebError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn private_addresses_are_refused_by_name_and_by_number() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let web = Web::new(AddressPolicy::default(), Duration::from_secs(1));
    for url in ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://169.254.169.254/", "file:///x"]
    {
        let error = web.call(&url.parse().unwrap(), |client, url| client.get(url)).await.unwrap_err();
        assert!(matches!(error, WebError::Refused(_)), "{url}: {error:?}");
    }
}
