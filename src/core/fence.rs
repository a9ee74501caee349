//! Markdown's code fences (`CommonMark` 0.31, section 4.5).

/// The marks of a line that opens a fence, or may close one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fence {
    mark: char,
    length: usize,
    info: String,
}

impl Fence {
    /// The fence that this line opens, if it looks like one.
    pub(crate) fn of(line: &str) -> Option<Self> {
        let body = line.trim_start_matches(' ');
        let mark = body.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = body.trim_start_matches(mark);
        let length = body.len() - info.len();
        let info_is_plain = mark == '~' || !info.contains('`');
        (length >= 3 && line.len() - body.len() <= 3 && info_is_plain).then(|| Self {
            mark,
            length,
            info: info.trim().to_owned(),
        })
    }

    /// Whether this line closes the fence.
    pub(crate) fn closes_at(&self, line: &str) -> bool {
        let marks = Self::of(line);
        marks.is_some_and(|marks| {
            marks.mark == self.mark && marks.length >= self.length && marks.info.is_empty()
        })
    }

    /// The state after a whole line, for the state before it.
    pub(crate) fn after(open: Option<&Self>, line: &str) -> Option<Self> {
        match open {
            Some(fence) if fence.closes_at(line) => None,
            Some(fence) => Some(fence.clone()),
            None => Self::of(line),
        }
    }

    /// The line that opens it again, with its line end, and with its language where that leaves
    /// the two lines within `room` UTF-16 units.
    pub(crate) fn opening(&self, room: usize) -> String {
        let marks = self.marks();
        let info_units = self.info.encode_utf16().count();
        if 2 * self.length + 2 + info_units <= room {
            format!("{marks}{}\n", self.info)
        } else {
            format!("{marks}\n")
        }
    }

    /// The line that closes it, with the line end before it.
    pub(crate) fn closing(&self) -> String {
        format!("\n{}", self.marks())
    }

    /// Whether an opening and a closing line fit into this many UTF-16 units.
    pub(crate) fn fits(&self, room: usize) -> bool {
        2 * self.length + 2 <= room
    }

    fn marks(&self) -> String {
        std::iter::repeat_n(self.mark, self.length).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: &str) {
        let fence = Fence::of("```rust").unwrap();
        let found = match (Fence::of(line).is_some(), fence.closes_at(line)) {
            (true, true) => "opens or closes",
            (true, false) => "opens",
            (false, true) => "closes",
            (false, false) => "text",
        };
        assert_eq!(found, expect, "{line}");
    }

    #[test]
    fn lines_open_and_close_fences_as_the_specification_says() {
        check("```", "opens or closes");
        check("   ````  \r\n", "opens or closes");
        check("    ```", "text");
        check("``", "text");
        check("~~~", "opens");
        check("```rust", "opens");
        check("```a`b", "text");
        check("text ```", "text");
    }

    #[test]
    fn a_language_that_leaves_no_room_is_dropped() {
        let fence = Fence::of("``` rust").unwrap();
        assert_eq!(fence.opening(16), "```rust\n");
        assert_eq!(fence.opening(8), "```\n");
        assert_eq!(fence.closing(), "\n```");
    }
}
