//! What is told of all simulated customers.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use serde::Serialize;

use super::{judge::End, persona::Persona};

/// A conversation that came to an end.
#[derive(Clone, Debug)]
pub(super) struct Met {
    pub(super) persona: String,
    pub(super) end: End,
    pub(super) turns: usize,
    /// Messages that a model put into words.
    pub(super) worded: usize,
    pub(super) escalated: bool,
    pub(super) invented: Vec<String>,
    /// What was said, line by line.
    pub(super) lines: Vec<String>,
}

/// What became of all simulated customers.
#[derive(Clone, Debug, Serialize)]
pub struct Simulation {
    seed: u64,
    conversations: usize,
    /// Messages of customers.
    messages: usize,
    /// Those of them that a model put into words.
    messages_by_model: usize,
    personas: Vec<Row>,
}

/// What became of one persona.
#[derive(Clone, Debug, Serialize)]
struct Row {
    name: String,
    conversations: usize,
    reached: usize,
    stuck: usize,
    gave_up: usize,
    too_dear: usize,
    escalated: usize,
    invented: Vec<String>,
    /// Of those who reached their goal; hundredths of a turn.
    mean_turns: Option<f64>,
    /// The first conversation that ran in circles or said something invented.
    example: Option<Vec<String>>,
}

impl Simulation {
    pub(super) fn new(seed: u64, personas: &[Arc<Persona>], met: Vec<Met>) -> Self {
        let mut by_name: BTreeMap<String, Vec<Met>> = BTreeMap::new();
        let conversations = met.len();
        let messages = met.iter().map(|it| it.turns).sum();
        let messages_by_model = met.iter().map(|it| it.worded).sum();
        for one in met {
            by_name.entry(one.persona.clone()).or_default().push(one);
        }
        let rows = personas
            .iter()
            .map(|persona| Row::of(&persona.name, by_name.get(&persona.name)));
        Self {
            seed,
            conversations,
            messages,
            messages_by_model,
            personas: rows.collect(),
        }
    }

    /// How many conversations there were.
    pub const fn len(&self) -> usize {
        self.conversations
    }

    /// Whether there were none.
    pub const fn is_empty(&self) -> bool {
        self.conversations == 0
    }

    /// The smallest share of a persona's conversations that reached their goal, in percent.
    pub fn least_reached(&self) -> u32 {
        self.personas
            .iter()
            .map(Row::reached_percent)
            .min()
            .unwrap_or(0)
    }

    /// Whether an amount was said that the company never stated.
    pub fn invents(&self) -> bool {
        self.personas.iter().any(|row| !row.invented.is_empty())
    }

    fn examples(&self) -> impl Iterator<Item = (&Row, &Vec<String>)> {
        let rows = self.personas.iter();
        rows.filter_map(|row| Some((row, row.example.as_ref()?)))
    }

    /// For people.
    pub fn render(&self) -> String {
        let names = self.personas.iter().map(|row| columns(&row.name));
        let wide = names.max().unwrap_or(0).max(NAME_COLUMNS);
        let mut text = format!(
            "{:<wide$} {:>8} {:>6} {:>7} {:>8} {:>9} {:>9} {:>9}\n",
            "persona", "reached", "turns", "stuck", "gave up", "too dear", "escalated", "invented",
        );
        for row in &self.personas {
            row.render(wide, &mut text);
        }
        writeln!(
            text,
            "{} conversations, seed {}",
            self.conversations, self.seed
        )
        .ok();
        if self.messages_by_model > 0 {
            writeln!(
                text,
                "{} of their {} messages in the model's words, the others in those of the file",
                self.messages_by_model, self.messages
            )
            .ok();
        }
        for (row, lines) in self.examples() {
            let lines = lines.join("\n  ");
            writeln!(text, "\n{}, an example:\n  {lines}", row.name).ok();
        }
        text
    }
}

impl Row {
    fn of(name: &str, met: Option<&Vec<Met>>) -> Self {
        let met = met.map(Vec::as_slice).unwrap_or_default();
        let count = |end: End| met.iter().filter(|it| it.end == end).count();
        let reached = count(End::Reached);
        let turns = met.iter().filter(|it| it.end == End::Reached);
        let turns: usize = turns.map(|it| it.turns).sum();
        let bad = |it: &&Met| it.end == End::Stuck || !it.invented.is_empty();
        let mut invented: Vec<String> = met.iter().flat_map(|it| it.invented.clone()).collect();
        invented.sort();
        invented.dedup();
        Self {
            name: name.to_owned(),
            conversations: met.len(),
            reached,
            stuck: count(End::Stuck),
            gave_up: count(End::GaveUp),
            too_dear: count(End::TooDear),
            escalated: met.iter().filter(|it| it.escalated).count(),
            invented,
            mean_turns: mean(turns, reached),
            example: met.iter().find(bad).map(|it| it.lines.clone()),
        }
    }

    fn reached_percent(&self) -> u32 {
        let percent = (self.reached * 100).checked_div(self.conversations);
        percent.and_then(|it| u32::try_from(it).ok()).unwrap_or(0)
    }

    fn render(&self, wide: usize, text: &mut String) {
        let turns = self
            .mean_turns
            .map_or("-".to_owned(), |it| format!("{it:.1}"));
        let filling = " ".repeat(wide.saturating_sub(columns(&self.name)));
        writeln!(
            text,
            "{}{filling} {:>7}% {turns:>6} {:>7} {:>8} {:>9} {:>9} {:>9}",
            self.name,
            self.reached_percent(),
            self.stuck,
            self.gave_up,
            self.too_dear,
            self.escalated,
            self.invented.len(),
        )
        .ok();
    }
}

/// How wide the column of names is at least.
const NAME_COLUMNS: usize = 24;

/// How many columns a name takes; Han characters take two.
fn columns(name: &str) -> usize {
    let wide = |letter: char| matches!(letter, '\u{2e80}'..='\u{ffef}');
    name.chars().map(|it| if wide(it) { 2 } else { 1 }).sum()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a mean of a few thousand turns, for people"
)]
fn mean(sum: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| sum as f64 / of as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(persona: &str, end: End, turns: usize) -> Met {
        Met {
            persona: persona.to_owned(),
            end,
            turns,
            worded: 0,
            escalated: false,
            invented: Vec::new(),
            lines: vec!["customer: hi".to_owned(), "bot:      hello".to_owned()],
        }
    }

    #[test]
    fn people_read_a_row_for_each_persona_and_an_example_of_what_went_wrong() {
        let personas = "personas:\n  - {name: Ann, goal: {stage: x}, opens: [hi]}\n  \
                        - {name: 想买台灯, goal: {stage: x}, opens: [hi]}\n";
        let personas = super::super::persona::parse("p.yaml", personas).unwrap();
        let personas: Vec<_> = personas.into_iter().map(Arc::new).collect();
        let mut invents = met("想买台灯", End::Reached, 3);
        invents.invented.push("12 EUR".to_owned());
        invents.escalated = true;
        invents.worded = 2;
        let all = vec![
            met("Ann", End::Reached, 2),
            met("Ann", End::Reached, 5),
            met("Ann", End::Stuck, 4),
            met("Ann", End::TooDear, 4),
            invents,
        ];
        let simulation = Simulation::new(7, &personas, all);
        assert_eq!((simulation.len(), simulation.least_reached()), (5, 50));
        assert!(simulation.invents());
        insta::assert_snapshot!(simulation.render());
    }
}
