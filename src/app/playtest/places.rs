//! Where in its file a conversation and each of its turns stands, for whoever has to mend it. The
//! YAML reader keeps no places of what it has read, so they are found in the text again.

/// The places of one conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) file: String,
    /// The line of its name, from 1; 1 where it is not found.
    pub(super) name: usize,
    turns: Vec<usize>,
}

impl Places {
    pub(super) fn find(file: &str, text: &str, name: &str) -> Self {
        let is_name = |line: &str| {
            let value = key_of(line).strip_prefix("name:");
            let value = value.map(|it| it.trim_start().trim_start_matches(['"', '\'']));
            let rest = value.and_then(|value| value.strip_prefix(name));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['"', '\'', ',', '}', ' ']))
        };
        let mut lines = text
            .lines()
            .enumerate()
            .skip_while(|(_, line)| !is_name(line));
        let found = lines.next().map_or(1, |(number, _)| number + 1);
        let of_this = lines.take_while(|(_, line)| !key_of(line).starts_with("name:"));
        let is_turn = |line: &str| {
            let line = key_of(line);
            ["says:", "presses:", "after:"]
                .iter()
                .any(|key| line.starts_with(key))
        };
        let turns = of_this.filter(|(_, line)| is_turn(line));
        Self {
            file: file.to_owned(),
            name: found,
            turns: turns.map(|(number, _)| number + 1).collect(),
        }
    }

    /// The line of a turn, or else of the conversation.
    pub(super) fn turn(&self, number: usize) -> usize {
        self.turns.get(number).copied().unwrap_or(self.name)
    }
}

/// A line from its key on.
fn key_of(line: &str) -> &str {
    line.trim_start_matches(|letter: char| letter.is_whitespace() || "-{[".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_found_in_its_conversation() {
        let text = "conversations:\n  - name: one\n    turns:\n      - says: hi\n  - name: two\n    \
                    turns:\n      - says: hi\n      - {after: 1h}\n";
        let places = Places::find("a.yaml", text, "two");
        assert_eq!((places.name, places.turn(0), places.turn(1)), (5, 7, 8));
        assert_eq!(places.turn(9), 5);
        let longer = "- name: one and more\n- {name: 'one', turns: []}\n";
        assert_eq!(Places::find("a.yaml", longer, "one and more").name, 1);
    }
}
