//! What the company's own trained intents take a message for: heads, each for the languages that it
//! learned from.

use std::sync::Arc;

use consultant_core::{Language, TrainedIntent};

use crate::IntentHead;

/// Trained heads, of which the first that reads a message's language judges it.
#[derive(Clone, Debug, Default)]
pub struct TrainedIntents {
    heads: Vec<Arc<IntentHead>>,
    least_confidence: f64,
}

impl TrainedIntents {
    /// These heads. What they are less sure of than `least_confidence` (0 to 1) they say nothing of.
    pub fn new(heads: Vec<IntentHead>, least_confidence: f64) -> Self {
        Self {
            heads: heads.into_iter().map(Arc::new).collect(),
            least_confidence,
        }
    }

    /// What they take a folded text for, if anything. `meaning` is what the encoder makes of it; a head
    /// that needs it says nothing without.
    pub(crate) fn judge(
        &self,
        text: &str,
        meaning: Option<&[f32]>,
        language: Language,
    ) -> Option<TrainedIntent> {
        if text.trim().is_empty() {
            return None;
        }
        let mut heads = self.heads.iter();
        let head = heads.find(|it| {
            let has_all = it.encoder().is_none() || meaning.is_some();
            has_all && it.reads(language)
        })?;
        // A head that looks at words alone takes no vector.
        let meaning = meaning.filter(|_| head.encoder().is_some());
        let judged = head.judge(text, meaning.unwrap_or_default());
        let sure = judged.in_scope && judged.confidence >= self.least_confidence;
        sure.then(|| TrainedIntent {
            label: judged.label.to_owned(),
            confidence: judged.confidence,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labelled, Training, train};

    /// A head that looks at words alone, or at a vector of one number too.
    fn head(texts: &[(&str, &str)], encoder: Option<&str>) -> IntentHead {
        let vector: &[f32] = if encoder.is_some() { &[1.0] } else { &[] };
        let examples = texts.iter().map(|(text, label)| Labelled {
            text,
            vector,
            label,
            judges: true,
        });
        let examples: Vec<Labelled<'_>> = examples.collect();
        let training = Training {
            encoder: encoder.map(str::to_owned),
            held_back: 0.0,
            ..Training::default()
        };
        train(&examples, &training).unwrap().head
    }

    const ENGLISH: [(&str, &str); 4] = [
        ("can you set it up for us", "installation"),
        ("do you set it up at our place", "installation"),
        ("can we pay in monthly parts", "financing"),
        ("what is the monthly rate", "financing"),
    ];
    const CHINESE: [(&str, &str); 4] = [
        ("可以上门安装吗", "installation"),
        ("你们管安装吗", "installation"),
        ("可以分期付款吗", "financing"),
        ("分期怎么算", "financing"),
    ];

    #[track_caller]
    fn check(intents: &TrainedIntents, (text, language): (&str, Language), expect: Option<&str>) {
        let judged = intents.judge(text, None, language);
        assert_eq!(judged.map(|it| it.label).as_deref(), expect, "{text}");
    }

    #[test]
    fn each_language_is_judged_by_the_head_that_learned_it() {
        let heads = vec![head(&ENGLISH, None), head(&CHINESE, None)];
        let intents = TrainedIntents::new(heads, 0.0);
        let english = ("set it up for us", Language::EN);
        check(&intents, english, Some("installation"));
        let chinese = ("安装", Language::ZH);
        check(&intents, chinese, Some("installation"));
        check(&intents, ("monatliche Raten", "de".parse().unwrap()), None);
        check(&intents, (" ", Language::EN), None);
    }

    #[test]
    fn what_is_not_sure_is_not_said() {
        let intents = TrainedIntents::new(vec![head(&ENGLISH, None)], 1.0);
        check(&intents, ("set it up", Language::EN), None);
    }

    #[test]
    fn a_head_that_needs_a_vector_leaves_it_to_one_that_does_not() {
        let needs = head(&ENGLISH, Some("an encoder"));
        let alone = TrainedIntents::new(vec![needs.clone()], 0.0);
        check(&alone, ("set it up for us", Language::EN), None);
        let both = TrainedIntents::new(vec![needs, head(&ENGLISH, None)], 0.0);
        let english = ("set it up for us", Language::EN);
        check(&both, english, Some("installation"));
    }
}
