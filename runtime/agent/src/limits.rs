//! How much of a conversation is read, and how much is answered.

/// Caps on one turn, in characters unless it is said otherwise. What is beyond them is cut, never refused: a contact who writes a novel
/// still gets an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages of the conversation that are read, the newest ones.
    pub messages: usize,
    /// Of these messages together; the oldest are left out.
    pub history: usize,
    /// Of one message.
    pub message: usize,
    /// Of the context as JSON; what does not fit is left out, the last fields first.
    pub context: usize,
    /// Of a written answer. WhatsApp takes 4,096 and so does Telegram.
    pub answer: usize,
    /// Of a spoken answer: about half a minute.
    pub spoken: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: 40, history: 24_000, message: 4_000, context: 8_000, answer: 4_000, spoken: 500 }
    }
}
