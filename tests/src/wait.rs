//! Waiting for what a story wants to see.

use std::time::{Duration, Instant};

/// How long a story waits for one thing. Far more than it takes: the machine may be busy with something else.
pub const DEADLINE: Duration = Duration::from_secs(90);
/// Between two looks.
const POLL: Duration = Duration::from_millis(20);

/// Asks until there is an answer, for [`DEADLINE`] at most.
///
/// # Panics
/// When there is none by then, with `what` it waited for.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    until_within(DEADLINE, what, ask).await
}

/// As [`until`], with another deadline.
///
/// # Panics
/// When there is no answer by then.
pub async fn until_within<T>(deadline: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < deadline, "waited {deadline:?} in vain for {what}");
        tokio::time::sleep(POLL).await;
    }
}
