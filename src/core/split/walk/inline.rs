//! What is open in a line of Markdown as it is walked over: inline code, a link, emphasis. What is
//! open may never close; a cut there then only ranks lower.

/// What is open in a line.
#[derive(Default)]
pub(super) struct Inline {
    code: bool,
    link: Link,
    emphasis: Emphasis,
}

#[derive(Default, PartialEq, Eq)]
enum Link {
    #[default]
    None,
    Text,
    Between,
    Target,
}

/// `*italic*`, `**bold**` and `***both***` (`CommonMark` 0.31, section 6.2), the outermost only.
/// A run of stars opens or closes by what stands on both sides of it, so what it does is known with
/// the character behind it.
#[derive(Default)]
struct Emphasis {
    /// Stars that opened it; 0 where none did.
    open: usize,
    /// Stars just walked over.
    run: usize,
    /// What stands before them.
    before: Side,
}

/// What stands beside a run of stars.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Side {
    #[default]
    Blank,
    Mark,
    Word,
}

impl Inline {
    pub(super) fn is_in_code_or_link(&self) -> bool {
        self.code || matches!(self.link, Link::Text | Link::Target)
    }

    /// Whether what begins with `next` is emphasized.
    pub(super) fn is_emphasized_before(&self, next: &str) -> bool {
        self.emphasis.open_before(next) > 0
    }

    /// Whether `rest`, behind `last`, begins with stars that open emphasis where none is open.
    pub(super) fn opens_emphasis(&self, last: &str, rest: &str) -> bool {
        if last == "*" || !rest.starts_with('*') || self.code || self.emphasis.open > 0 {
            return false;
        }
        let behind = rest.trim_start_matches('*');
        can_open(Side::of(last), Side::of(behind))
    }

    pub(super) fn step(&mut self, grapheme: &str, last: &str) {
        if grapheme == "`" && last != "`" {
            self.code = !self.code;
        }
        self.link = match (&self.link, grapheme) {
            (Link::Text, "]") => Link::Between,
            (Link::Text, _) | (_, "[") => Link::Text,
            (Link::Between, "(") => Link::Target,
            (Link::Target, grapheme) if grapheme != ")" => Link::Target,
            _ => Link::None,
        };
        // A mark of code decides about the stars before it, and stars in code mean nothing.
        if !self.code || grapheme == "`" {
            self.emphasis.step(grapheme, last);
        }
    }
}

impl Emphasis {
    fn step(&mut self, grapheme: &str, last: &str) {
        if grapheme != "*" {
            self.open = self.open_before(grapheme);
            self.run = 0;
            return;
        }
        if self.run == 0 {
            self.before = Side::of(last);
        }
        self.run += 1;
    }

    /// Stars that are open where `next` begins.
    fn open_before(&self, next: &str) -> usize {
        let (before, behind) = (self.before, Side::of(next));
        let closes = self.run == self.open || self.run > 2;
        if self.run == 0 {
            self.open
        } else if self.open > 0 && closes && can_open(behind, before) {
            0
        } else if self.open == 0 && can_open(before, behind) {
            self.run
        } else {
            self.open
        }
    }
}

impl Side {
    /// What the text begins with; the end of the text counts as blank.
    fn of(text: &str) -> Self {
        match text.chars().next() {
            Some(c) if c.is_alphanumeric() => Self::Word,
            Some(c) if !c.is_whitespace() => Self::Mark,
            _ => Self::Blank,
        }
    }
}

/// Whether stars between these open emphasis; with the sides exchanged, whether they close it.
fn can_open(outside: Side, inside: Side) -> bool {
    inside == Side::Word || (inside == Side::Mark && outside != Side::Word)
}
