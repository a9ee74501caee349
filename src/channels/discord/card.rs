//! An offer as Discord shows it: an embed with title, price and picture, and buttons under it.
//!
//! The price is the embed's description: a field would need a name in the customer's language,
//! which a card does not carry.

use std::collections::HashSet;

use consultant_core::Card;
use serde_json::{Value, json};

/// Discord's limits, in characters: an embed's title and description, a URL, a button's label.
const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;
const URL: usize = 2_048;
const LABEL: usize = 80;
/// Five rows of five buttons.
const BUTTONS_IN_A_ROW: usize = 5;
const ROWS: usize = 5;

/// Types and styles of components, in Discord's numbers.
const ROW: u8 = 1;
const BUTTON: u8 = 2;
const PRIMARY: u8 = 1;
const SECONDARY: u8 = 2;

/// The embeds of a message: one for an offer, none for buttons alone or without a card.
pub(super) fn embeds(card: Option<&Card>) -> Value {
    let Some(card) = card.filter(|card| !card.title.trim().is_empty()) else {
        return json!([]);
    };
    let mut embed = json!({ "title": short(&card.title, TITLE) });
    if let Some(price) = &card.price {
        embed["description"] = json!(short(price, DESCRIPTION));
    }
    let picture = card.picture_url.as_deref();
    if let Some(url) = picture.filter(|url| url.starts_with("https://") && url.len() <= URL) {
        embed["image"] = json!({ "url": url });
    }
    json!([embed])
}

/// The buttons of a message, the first one as the one to press.
pub(super) fn components(card: Option<&Card>) -> Value {
    let mut known = HashSet::new();
    let buttons = card.into_iter().flat_map(|card| &card.buttons);
    // Discord refuses a message with a nameless button or with two that mean the same.
    let buttons = buttons.filter(|button| {
        let named = !button.label.trim().is_empty();
        named && button.press.fits() && known.insert(button.press.to_string())
    });
    let buttons: Vec<Value> = buttons
        .take(ROWS * BUTTONS_IN_A_ROW)
        .enumerate()
        .map(|(at, button)| {
            let style = if at == 0 { PRIMARY } else { SECONDARY };
            json!({
                "type": BUTTON, "style": style, "label": short(&button.label, LABEL),
                "custom_id": button.press.to_string(),
            })
        })
        .collect();
    let rows = buttons.chunks(BUTTONS_IN_A_ROW);
    rows.map(|row| json!({ "type": ROW, "components": row }))
        .collect()
}

fn short(text: &str, chars: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use consultant_core::{Button, Press};

    use super::*;

    fn card(buttons: usize) -> Card {
        let button = |at: usize| Button {
            label: format!("Button {at}"),
            press: Press::Details(at.to_string().as_str().into()),
        };
        Card {
            title: "Oak lamp".to_owned(),
            price: Some("€129.00".to_owned()),
            picture_url: Some("https://shop.example/oak.jpg".to_owned()),
            buttons: (0..buttons).map(button).collect(),
        }
    }

    #[test]
    fn an_offer_is_an_embed_with_buttons() {
        let card = card(2);
        assert_eq!(
            embeds(Some(&card)),
            json!([{
                "title": "Oak lamp", "description": "€129.00",
                "image": { "url": "https://shop.example/oak.jpg" },
            }])
        );
        assert_eq!(
            components(Some(&card)),
            json!([{ "type": 1, "components": [
                { "type": 2, "style": 1, "label": "Button 0", "custom_id": "details:0" },
                { "type": 2, "style": 2, "label": "Button 1", "custom_id": "details:1" },
            ] }])
        );
    }

    #[test]
    fn no_card_takes_away_what_hung_there() {
        assert_eq!(embeds(None), json!([]));
        assert_eq!(components(None), json!([]));
    }

    #[test]
    fn a_card_never_breaks_discords_limits() {
        let mut card = card(40);
        card.title = "灯".repeat(300);
        card.picture_url = Some("file:///etc/passwd".to_owned());
        card.buttons[1] = card.buttons[0].clone();
        card.buttons[2].label = " ".to_owned();
        card.buttons[3].label = "灯".repeat(90);
        let embeds = embeds(Some(&card));
        assert_eq!(embeds[0]["title"].as_str().unwrap().chars().count(), TITLE);
        assert!(embeds[0].get("image").is_none());
        let rows = components(Some(&card));
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), ROWS);
        let first = rows[0]["components"].as_array().unwrap();
        assert_eq!(first.len(), BUTTONS_IN_A_ROW);
        assert_eq!(first[1]["custom_id"], "details:3");
        assert_eq!(first[1]["label"].as_str().unwrap().chars().count(), LABEL);
    }

    #[test]
    fn buttons_alone_have_no_embed() {
        let mut card = card(1);
        card.title = String::new();
        assert_eq!(embeds(Some(&card)), json!([]));
        assert_eq!(components(Some(&card)).as_array().unwrap().len(), 1);
    }
}
