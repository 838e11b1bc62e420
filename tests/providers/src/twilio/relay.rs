//! ConversationRelay: the side of Twilio, over a WebSocket client that is just enough for text (RFC 6455).

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use super::play::Line;
use super::twiml::Element;

/// Any nonce will do: nothing here checks what becomes of it.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// Clients must mask what they send; with zeros it stays readable.
const MASK: [u8; 4] = [0; 4];

/// Talks until one side ends it. Gives what the action of `<Connect>` is told.
pub(super) async fn run(line: &mut Line<'_>, relay: &Element) -> Result<Vec<(String, String)>, String> {
    let url = relay.attributes.get("url").ok_or("12200 <ConversationRelay> has no url")?;
    let signature = line.shared.sign(url, &[]);
    let mut socket = Socket::open(url, &signature).await?;
    let parameters: serde_json::Map<String, Value> = relay
        .children
        .iter()
        .filter_map(|child| Some((child.attributes.get("name")?.clone(), json!(child.attributes.get("value")?))))
        .collect();
    let sid = line.call().sid;
    let setup = json!({"type": "setup", "sessionId": format!("VX{}", &sid[2..]), "callSid": sid, "direction": "outbound-api",
        "customParameters": parameters});
    socket.send(1, &setup.to_string()).await?;
    let mut to_answer = false;
    if let Some(greeting) = relay.attributes.get("welcomeGreeting") {
        line.say(greeting)?;
        to_answer = true;
    }
    loop {
        if std::mem::take(&mut to_answer) {
            let heard = line.listen();
            if line.hung_up {
                let _ = socket.send(8, "").await;
                return Ok(Vec::new());
            }
            for (name, value) in heard {
                let frame = match name.as_str() {
                    "SpeechResult" => json!({"type": "prompt", "voicePrompt": value, "lang": "en-US", "last": true}),
                    "Interrupted" => {
                        json!({"type": "interrupt", "utteranceUntilInterrupt": value, "durationUntilInterruptMs": "460"})
                    }
                    "Digits" => json!({"type": "dtmf", "digit": value}),
                    _ => continue,
                };
                socket.send(1, &frame.to_string()).await?;
            }
        }
        let Some(frame) = socket.receive().await? else { return Ok(told("failed", None)) };
        let frame: Value = serde_json::from_str(&frame).map_err(|_| "64107 a frame is no JSON".to_owned())?;
        match frame["type"].as_str() {
            Some("text") => {
                line.say(frame["token"].as_str().ok_or("64107 a text frame has no token")?)?;
                to_answer = frame["last"].as_bool() == Some(true);
            }
            Some("end") => {
                let _ = socket.send(8, "").await;
                return Ok(told("ended", frame["handoffData"].as_str()));
            }
            _ => return Err("64107 a frame's type is unknown".to_owned()),
        }
    }
}

fn told(status: &str, handoff: Option<&str>) -> Vec<(String, String)> {
    let mut fields = vec![("SessionStatus".to_owned(), status.to_owned())];
    fields.extend(handoff.map(|data| ("HandoffData".to_owned(), data.to_owned())));
    fields
}

struct Socket(BufStream<TcpStream>);

impl Socket {
    async fn open(url: &str, signature: &str) -> Result<Self, String> {
        let parsed = url::Url::parse(url).map_err(|error| format!("64101 invalid url: {error}"))?;
        let address = (parsed.host_str().unwrap_or_default(), parsed.port_or_known_default().unwrap_or(80));
        let stream = TcpStream::connect(address).await.map_err(|error| format!("64102 unable to connect: {error}"))?;
        let mut socket = BufStream::new(stream);
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n\
             Sec-WebSocket-Version: 13\r\nX-Twilio-Signature: {signature}\r\n\r\n",
            parsed.path(),
            address.0,
            address.1
        );
        socket.write_all(request.as_bytes()).await.map_err(lost)?;
        socket.flush().await.map_err(lost)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.map_err(lost)?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.lines().next().unwrap_or_default().to_owned();
        if status.contains(" 101 ") { Ok(Self(socket)) } else { Err(format!("64102 unable to connect: {status}")) }
    }

    async fn send(&mut self, opcode: u8, text: &str) -> Result<(), String> {
        let length = u16::try_from(text.len()).map_err(|_| "a frame is too long".to_owned())?;
        let mut frame = vec![0x80 | opcode, 0x80 | 126];
        frame.extend(length.to_be_bytes());
        frame.extend(MASK);
        frame.extend(text.as_bytes());
        self.0.write_all(&frame).await.map_err(lost)?;
        self.0.flush().await.map_err(lost)
    }

    /// The next text; none when the other side closes.
    async fn receive(&mut self) -> Result<Option<String>, String> {
        loop {
            let Ok(first) = self.0.read_u8().await else { return Ok(None) };
            let length = match self.0.read_u8().await.map_err(lost)? {
                126 => u64::from(self.0.read_u16().await.map_err(lost)?),
                127 => self.0.read_u64().await.map_err(lost)?,
                short => u64::from(short & 0x7f),
            };
            let mut payload = vec![0; usize::try_from(length.min(1 << 20)).unwrap()];
            self.0.read_exact(&mut payload).await.map_err(lost)?;
            match first {
                0x81 => return String::from_utf8(payload).map(Some).map_err(|error| error.to_string()),
                0x88 => return Ok(None),
                0x89 => self.send(10, &String::from_utf8_lossy(&payload)).await?,
                _ => {}
            }
        }
    }
}

fn lost(error: std::io::Error) -> String {
    format!("64105 websocket ended: {error}")
}
