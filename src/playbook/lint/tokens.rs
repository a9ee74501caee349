//! What the syntax tree forgets: where functions and their parameters are named, and the words of
//! `switch` cases, of which the tree keeps only hashes. Both are read off the tokens.

use rhai::{Engine, Position, Token};

/// `fn name(parameters)`, with the place of each name.
pub(super) struct Head {
    pub(super) name: String,
    pub(super) at: Position,
    pub(super) parameters: Vec<(String, Position)>,
}

/// A word in quotes among the cases of `switch turn.PROPERTY { … }`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) property: String,
    pub(super) word: String,
    pub(super) at: Position,
}

type Tokens = [(Token, Position)];

/// All tokens of a script that is known to parse.
pub(super) fn tokens(engine: &Engine, source: &str) -> Vec<(Token, Position)> {
    let (stream, control) = engine.lex([&source]);
    let mut found = Vec::new();
    // One entry for each open brace: whether it stands in a text, as in `${…}`.
    let mut open: Vec<bool> = Vec::new();
    let mut in_text = false;
    for (token, at) in stream {
        match token {
            Token::EOF => break,
            Token::InterpolatedString(_) => in_text = true,
            Token::LeftBrace | Token::MapStart => open.push(std::mem::take(&mut in_text)),
            Token::RightBrace if open.pop() == Some(true) => {
                control.borrow_mut().is_within_text = true;
            }
            _ => {}
        }
        found.push((token, at));
    }
    found
}

/// The heads of all named functions.
pub(super) fn heads(tokens: &Tokens) -> Vec<Head> {
    let named = |window: &Tokens| match window {
        [(Token::Fn, _), (Token::Identifier(name), at), ..] => Some((name.to_string(), *at)),
        _ => None,
    };
    (0..tokens.len())
        .filter_map(|start| {
            let rest = tokens.get(start..)?;
            let (name, at) = named(rest)?;
            Some(Head {
                name,
                at,
                parameters: parameters(rest.get(2..)?),
            })
        })
        .collect()
}

fn parameters(tokens: &Tokens) -> Vec<(String, Position)> {
    tokens
        .iter()
        .take_while(|(token, _)| *token != Token::RightParen && *token != Token::LeftBrace)
        .filter_map(|(token, at)| match token {
            Token::Identifier(name) => Some((name.to_string(), *at)),
            _ => None,
        })
        .collect()
}

/// The words in quotes of all `switch` statements over a property of the turn.
pub(super) fn cases(tokens: &Tokens) -> Vec<Case> {
    let mut found = Vec::new();
    for start in 0..tokens.len() {
        let Some(
            [
                (Token::Switch, _),
                (Token::Identifier(turn), _),
                (Token::Period, _),
                (Token::Identifier(property), _),
                (Token::LeftBrace, _),
                rest @ ..,
            ],
        ) = tokens.get(start..)
        else {
            continue;
        };
        if turn.as_str() == "turn" {
            let words = words_of_cases(rest).into_iter();
            found.extend(words.map(|(word, at)| Case {
                property: property.to_string(),
                word,
                at,
            }));
        }
    }
    found
}

/// The tokens begin behind the brace that opens the `switch`.
fn words_of_cases(tokens: &Tokens) -> Vec<(String, Position)> {
    let mut found = Vec::new();
    let (mut depth, mut in_head) = (1_usize, true);
    for pair in tokens.windows(2) {
        let [(token, at), (next, _)] = pair else {
            continue;
        };
        match token {
            Token::LeftBrace | Token::MapStart | Token::LeftParen | Token::LeftBracket => {
                depth += 1;
            }
            Token::RightBrace | Token::RightParen | Token::RightBracket => {
                depth -= 1;
                // A case whose value is a block needs no comma behind it.
                in_head |= depth == 1 && *token == Token::RightBrace;
            }
            Token::Comma if depth == 1 => in_head = true,
            Token::DoubleArrow | Token::If if depth == 1 => in_head = false,
            Token::StringConstant(word) if depth == 1 && in_head && ends_a_word(next) => {
                found.push((word.to_string(), *at));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

fn ends_a_word(next: &Token) -> bool {
    matches!(next, Token::Pipe | Token::DoubleArrow | Token::If)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{compile::new_engine, lint::Role};

    #[track_caller]
    fn check(source: &str, expect: &[&str]) {
        let engine = new_engine(Role::Playbook);
        let tokens = tokens(&engine, source);
        let found: Vec<String> = cases(&tokens)
            .iter()
            .map(|case| format!("{} {}", case.property, case.word))
            .collect();
        assert_eq!(found, expect, "{source}");
    }

    #[test]
    fn the_words_of_cases_are_found_and_no_other_words() {
        check(
            "switch turn.intent { \"a\" | \"b\" => 1, _ => 2 }",
            &["intent a", "intent b"],
        );
        check(
            "switch turn.intent { \"a\" if x == \"no\" => f(\"no\"), \"b\" => { \"no\" } \"c\" => 1 }",
            &["intent a", "intent b", "intent c"],
        );
        check(
            "switch turn.stage { \"a\" => [\"no\", #{ en: \"no\" }], \"b\" => 2 } f(\"no\")",
            &["stage a", "stage b"],
        );
        check(
            "switch turn.intent { \"a\" => `x ${f(\"no\")} y`, \"b\" => 1, } \"no\"",
            &["intent a", "intent b"],
        );
        check("switch other.intent { \"no\" => 1 }", &[]);
    }

    #[test]
    fn functions_are_found_with_their_parameters_and_places() {
        let source = "fn a() { `${|b| b}` }\nprivate fn goto_x(turn,\n  n) { }";
        let engine = new_engine(Role::Playbook);
        let found: Vec<String> = heads(&tokens(&engine, source))
            .iter()
            .map(|head| {
                let parameters = head.parameters.iter();
                let parameters: Vec<String> = parameters
                    .map(|(name, at)| format!("{name} {at}"))
                    .collect();
                format!("{} {} {parameters:?}", head.name, head.at)
            })
            .collect();
        assert_eq!(
            found,
            [
                "a line 1, position 4 []",
                "goto_x line 2, position 12 [\"turn line 2, position 19\", \"n line 3, position 3\"]"
            ]
        );
    }
}
