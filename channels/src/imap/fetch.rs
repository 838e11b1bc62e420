//! One poll: what is new since the cursor, or else waiting for it.

use std::time::Duration;

use async_imap::extensions::idle::IdleResponse;
use async_imap::types::{Fetch, UnsolicitedResponse};
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use tokio::time::{Instant, sleep, timeout};

use super::Limits;
use super::cursor::Cursor;
use super::session::{Opened, passing, within};
use crate::mail::{MAX_BYTES, read};
use crate::{PollError, Polled};

/// Mails of one poll.
const BATCH: usize = 50;
/// Their sizes together, in bytes; one may be as large.
const BATCH_BYTES: u64 = MAX_BYTES as u64;
/// A mailbox that was never read is read from here on, counted back from its newest mail.
const FIRST: TimeDelta = TimeDelta::hours(1);
/// As `FIRST`, of a mailbox that was renumbered: its mails are told apart by their ids.
const RENUMBERED: TimeDelta = TimeDelta::days(7);
/// Mails that are looked at for that.
const NEWEST: u32 = 2_000;
/// Wakings of one poll: a server that tells of mails that are not there is not believed forever.
const WAKINGS: usize = 60;

/// A mail that is there, and was not fetched yet.
struct Listed {
    uid: u32,
    bytes: u64,
    arrived: Option<DateTime<Utc>>,
}

/// Fetches at most [`BATCH`] mails, and waits up to `wait` where there is none.
///
/// # Errors
/// Nothing of it counts.
pub(super) async fn poll(
    mut opened: Opened,
    cursor: Option<&str>,
    wait: Duration,
    limits: &Limits,
    integration: &str,
) -> Result<Polled, PollError> {
    let until = Instant::now() + wait;
    let mut cursor = start(&mut opened, cursor.and_then(Cursor::parse), limits, integration).await?;
    for _ in 0..WAKINGS {
        let listed = list(&mut opened, cursor.last, limits).await?;
        if !listed.is_empty() {
            let events = fetch(&mut opened, &listed, limits, integration).await?;
            cursor.last = listed.iter().map(|mail| mail.uid).fold(cursor.last, u32::max);
            opened.leave(limits).await;
            return Ok(Polled { events, cursor: cursor.to_string() });
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        opened = rest(opened, left, limits).await?;
    }
    opened.leave(limits).await;
    Ok(Polled { events: Vec::new(), cursor: cursor.to_string() })
}

/// Where to begin.
async fn start(
    opened: &mut Opened,
    cursor: Option<Cursor>,
    limits: &Limits,
    integration: &str,
) -> Result<Cursor, PollError> {
    let Some(validity) = opened.mailbox.uid_validity else {
        return Err(PollError::Misconfigured("the server does not number mails for good (UIDVALIDITY)".to_owned()));
    };
    let window = match cursor {
        Some(cursor) if cursor.validity == validity => return Ok(cursor),
        Some(_) => {
            tracing::warn!(integration, "the mailbox was renumbered: its last days are read again");
            RENUMBERED
        }
        None => FIRST,
    };
    Ok(Cursor { validity, last: before(opened, window, limits).await? })
}

/// The last mail before those that arrived within `window` of the newest one. The server's clock is the measure: it stamped them all.
async fn before(opened: &mut Opened, window: TimeDelta, limits: &Limits) -> Result<u32, PollError> {
    let count = opened.mailbox.exists;
    if count == 0 {
        return Ok(0);
    }
    let newest = format!("{}:{count}", count.saturating_sub(NEWEST - 1).max(1));
    let stream = within(limits.command, opened.session.fetch(newest, "(UID INTERNALDATE)")).await?;
    let fetched: Vec<Fetch> = within(limits.transfer, stream.try_collect()).await?;
    let mails: Vec<(u32, DateTime<Utc>)> =
        fetched.iter().filter_map(|mail| Some((mail.uid?, mail.internal_date()?.to_utc()))).collect();
    let Some(since) =
        mails.iter().map(|(_, arrived)| *arrived).max().and_then(|newest| newest.checked_sub_signed(window))
    else {
        return Ok(0);
    };
    let first = mails.iter().filter(|(_, arrived)| *arrived >= since).map(|(uid, _)| *uid).min();
    Ok(first.unwrap_or(1).saturating_sub(1))
}

/// The next mails, at most a batch.
async fn list(opened: &mut Opened, last: u32, limits: &Limits) -> Result<Vec<Listed>, PollError> {
    let Some(next) = last.checked_add(1) else { return Ok(Vec::new()) };
    let stream =
        within(limits.command, opened.session.uid_fetch(format!("{next}:*"), "(UID RFC822.SIZE INTERNALDATE)")).await?;
    let fetched: Vec<Fetch> = within(limits.transfer, stream.try_collect()).await?;
    let mut mails: Vec<Listed> = fetched
        .iter()
        .filter_map(|mail| {
            // `N:*` has the newest mail even where its number is below N.
            let uid = mail.uid.filter(|uid| *uid > last)?;
            let arrived = mail.internal_date().map(|date| date.to_utc());
            Some(Listed { uid, bytes: mail.size.map_or(0, u64::from), arrived })
        })
        .collect();
    mails.sort_by_key(|mail| mail.uid);
    mails.dedup_by_key(|mail| mail.uid);
    let mut bytes = 0;
    let fits = |mail: &&Listed| {
        // Those that are too large are not fetched.
        bytes += if mail.bytes > BATCH_BYTES { 0 } else { mail.bytes };
        bytes <= BATCH_BYTES
    };
    let count = mails.iter().take(BATCH).take_while(fits).count();
    mails.truncate(count);
    Ok(mails)
}

/// Reads the mails. One that was deleted meanwhile is simply not there.
async fn fetch(
    opened: &mut Opened,
    listed: &[Listed],
    limits: &Limits,
    integration: &str,
) -> Result<Vec<crate::Event>, PollError> {
    let (wanted, too_large): (Vec<&Listed>, Vec<&Listed>) = listed.iter().partition(|mail| mail.bytes <= BATCH_BYTES);
    for mail in too_large {
        tracing::warn!(integration, uid = mail.uid, bytes = mail.bytes, "a mail is too large and was left unread");
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let set = wanted.iter().map(|mail| mail.uid.to_string()).collect::<Vec<_>>().join(",");
    let stream = within(limits.command, opened.session.uid_fetch(set, "(UID BODY.PEEK[])")).await?;
    let fetched: Vec<Fetch> = within(limits.transfer, stream.try_collect()).await?;
    let mail = |uid: u32| fetched.iter().find(|mail| mail.uid == Some(uid) && mail.body().is_some());
    Ok(wanted
        .iter()
        .filter_map(|listed| Some((mail(listed.uid)?.body()?, listed.arrived)))
        .flat_map(|(body, arrived)| read(body, arrived))
        .collect())
}

/// Waits until the server tells of something, or long enough to ask it.
async fn rest(mut opened: Opened, left: Duration, limits: &Limits) -> Result<Opened, PollError> {
    if !opened.idles {
        sleep(left.min(limits.interval)).await;
        return Ok(opened);
    }
    let told = opened.session.unsolicited_responses.clone();
    let heard = || std::iter::from_fn(|| told.try_recv().ok()).any(|one| matches!(one, UnsolicitedResponse::Exists(_)));
    // It came with an earlier answer: there is nothing to wait for.
    if heard() {
        return Ok(opened);
    }
    let mut idle = opened.session.idle();
    within(limits.command, idle.init()).await?;
    if !heard() {
        let limit = left.min(limits.silence);
        let (waiting, _stop) = idle.wait_with_timeout(limit);
        // Words that are no news (a server that only says it is there) do not prolong it.
        match timeout(limit, waiting).await {
            Ok(Ok(IdleResponse::ManualInterrupt)) => {
                return Err(PollError::Passing("the server hung up".to_owned()));
            }
            Ok(Err(error)) => return Err(passing(&error)),
            Ok(Ok(_)) | Err(_) => {}
        }
    }
    opened.session = within(limits.command, idle.done()).await?;
    Ok(opened)
}
