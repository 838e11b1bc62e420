//! ConversationRelay: the side of Twilio, over a WebSocket client that is just enough for text (RFC 6455).

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

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
    let (mut socket, mut frames) = Socket::open(url, &signature).await?;
    let parameters: serde_json::Map<String, Value> = relay
        .children
        .iter()
        .filter_map(|child| Some((child.attributes.get("name")?.clone(), json!(child.attributes.get("value")?))))
        .collect();
    let sid = line.call().sid;
    let setup = json!({"type": "setup", "sessionId": format!("VX{}", &sid[2..]), "callSid": sid, "direction": "outbound-api",
        "customParameters": parameters});
    socket.send(1, &setup.to_string()).await?;
    let events = relay.attributes.get("events").map(String::as_str).unwrap_or_default();
    let mut speech = Speech { tells: events.split(' ').any(|event| event == "tokens-played"), ..Speech::default() };
    if let Some(greeting) = relay.attributes.get("welcomeGreeting") {
        line.say(greeting)?;
        speech.whole = true;
    }
    let mut plays = line.shared.plays.subscribe();
    loop {
        if *plays.borrow_and_update() {
            for played in std::mem::take(&mut speech.unplayed).iter().filter(|_| speech.tells) {
                let info = json!({"type": "info", "name": "tokensPlayed", "value": played});
                socket.send(1, &info.to_string()).await?;
            }
        }
        let breaks_in = line.breaks_in_after().is_some_and(|words| speech.begun && line.words_of_last() >= words);
        if speech.unplayed.is_empty() && (std::mem::take(&mut speech.whole) || breaks_in) {
            speech.begun = false;
            answer(line, &mut socket).await?;
            if line.hung_up {
                let _ = socket.send(8, "").await;
                return Ok(Vec::new());
            }
        }
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            _ = plays.changed() => continue,
        };
        let Some(frame) = frame else { return Ok(told("failed", None)) };
        let frame: Value = serde_json::from_str(&frame).map_err(|_| "64107 a frame is no JSON".to_owned())?;
        match frame["type"].as_str() {
            Some("text") => {
                let token = frame["token"].as_str().ok_or("64107 a text frame has no token")?;
                line.say_on(speech.begun, token)?;
                speech.unplayed.push(token.to_owned());
                speech.whole = frame["last"].as_bool().ok_or("64107 a text frame has no last")?;
                speech.begun = !speech.whole;
            }
            Some("end") => {
                if !speech.unplayed.is_empty() {
                    return Err(format!("the end cut off {:?}", speech.unplayed.concat()));
                }
                let _ = socket.send(8, "").await;
                return Ok(told("ended", frame["handoffData"].as_str()));
            }
            _ => return Err("64107 a frame's type is unknown".to_owned()),
        }
    }
}

/// What is being said to the contact.
#[derive(Default)]
struct Speech {
    /// Whether the other side wants to know what has been played.
    tells: bool,
    /// Parts were said, and more will follow.
    begun: bool,
    /// It is all there, and the contact's turn.
    whole: bool,
    unplayed: Vec<String>,
}

/// The contact does what it does next.
async fn answer(line: &mut Line<'_>, socket: &mut Socket) -> Result<(), String> {
    for (name, value) in line.listen() {
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
    Ok(())
}

fn told(status: &str, handoff: Option<&str>) -> Vec<(String, String)> {
    let mut fields = vec![("SessionStatus".to_owned(), status.to_owned())];
    fields.extend(handoff.map(|data| ("HandoffData".to_owned(), data.to_owned())));
    fields
}

/// The writing half; the frames that come are read by a task of their own.
struct Socket(WriteHalf<TcpStream>);

impl Socket {
    async fn open(url: &str, signature: &str) -> Result<(Self, mpsc::Receiver<String>), String> {
        let parsed = url::Url::parse(url).map_err(|error| format!("64101 invalid url: {error}"))?;
        let address = (parsed.host_str().unwrap_or_default(), parsed.port_or_known_default().unwrap_or(80));
        let stream = TcpStream::connect(address).await.map_err(|error| format!("64102 unable to connect: {error}"))?;
        let (reading, mut writing) = tokio::io::split(stream);
        let mut reading = BufReader::new(reading);
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n\
             Sec-WebSocket-Version: 13\r\nX-Twilio-Signature: {signature}\r\n\r\n",
            parsed.path(),
            address.0,
            address.1
        );
        writing.write_all(request.as_bytes()).await.map_err(lost)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(reading.read_u8().await.map_err(lost)?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let status = head.lines().next().unwrap_or_default().to_owned();
        if !status.contains(" 101 ") {
            return Err(format!("64102 unable to connect: {status}"));
        }
        let (keep, frames) = mpsc::channel(16);
        tokio::spawn(async move {
            while let Ok(Some(text)) = receive(&mut reading).await {
                if keep.send(text).await.is_err() {
                    break;
                }
            }
        });
        Ok((Self(writing), frames))
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
}

/// The next text; none when the other side closes.
async fn receive(socket: &mut BufReader<ReadHalf<TcpStream>>) -> std::io::Result<Option<String>> {
    loop {
        let first = socket.read_u8().await?;
        let length = match socket.read_u8().await? {
            126 => u64::from(socket.read_u16().await?),
            127 => socket.read_u64().await?,
            short => u64::from(short & 0x7f),
        };
        let mut payload = vec![0; usize::try_from(length.min(1 << 20)).unwrap()];
        socket.read_exact(&mut payload).await?;
        match first {
            0x81 => return Ok(Some(String::from_utf8_lossy(&payload).into_owned())),
            0x88 => return Ok(None),
            _ => {}
        }
    }
}

fn lost(error: std::io::Error) -> String {
    format!("64105 websocket ended: {error}")
}
