//! Who answers in two-way sessions: a language model or rules, behind one port.
