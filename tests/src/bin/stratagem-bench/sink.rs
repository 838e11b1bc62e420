//! A mail server that takes everything and keeps nothing but a count. In Rust, because one in Python would be what is
//! measured.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::Outcome;

/// A running sink; it ends with its runtime.
pub(crate) struct Sink {
    pub(crate) port: u16,
    taken: Arc<AtomicUsize>,
}

impl Sink {
    /// Listens on a free port of loopback.
    pub(crate) async fn start() -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (port, taken) = (listener.local_addr()?.port(), Arc::new(AtomicUsize::new(0)));
        let counter = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A connection that breaks is the client's affair.
                tokio::spawn(serve(stream, counter.clone()));
            }
        });
        Ok(Self { port, taken })
    }

    /// How many mails it has acknowledged.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

/// One connection, RFC 5321 as far as a client needs it.
async fn serve(stream: TcpStream, taken: Arc<AtomicUsize>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    writer.write_all(b"220 sink ESMTP\r\n").await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let answer: &[u8] = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_slice() {
            b"EHLO" => b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            b"DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                while line.as_slice() != b".\r\n" {
                    line.clear();
                    if reader.read_until(b'\n', &mut line).await? == 0 {
                        return Ok(());
                    }
                }
                taken.fetch_add(1, Ordering::SeqCst);
                b"250 taken\r\n"
            }
            b"HELO" | b"MAIL" | b"RCPT" | b"RSET" | b"NOOP" => b"250 fine\r\n",
            b"QUIT" => {
                return writer.write_all(b"221 bye\r\n").await;
            }
            _ => b"502 not known here\r\n",
        };
        writer.write_all(answer).await?;
    }
}
