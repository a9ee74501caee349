//! What a search among many reviewed answers costs, without encoding the question: 50,000 entries
//! with two wordings and an answer of two sentences, by words alone and with vectors.
//!
//! The words follow Zipf's law, as those of a language do: a few stand almost everywhere. Vectors
//! are seeded noise as long as those of `MiniLM`, which costs a search what true ones cost.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use consultant_core::{
    Catalog, Faq, FaqEntry, FaqId, Language, LocalText, Scope,
    ports::{Encoder, EncoderError},
};
use consultant_knowledge::{Meaning, ShopKnowledge};
use hdrhistogram::Histogram;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

const ENTRIES: usize = 50_000;
/// Words of the made-up language.
const WORDS: usize = 20_000;
/// Words of a wording or a sentence.
const LENGTH: usize = 8;
/// Searches that are measured, after a tenth as many that are not.
const SEARCHES: usize = 2_000;

/// Prints both rows.
pub(super) fn measure() -> anyhow::Result<()> {
    println!("\na search among {ENTRIES} reviewed answers (goal: p99 < 5 ms)");
    let mut chance = Chance::of(7);
    let faq = Arc::new(faq(&mut chance));
    let catalog = Arc::new(Catalog::bare("Shop"));
    let questions: Vec<String> = (0..SEARCHES).map(|_| sentence(&mut chance)).collect();
    let mut knowledge = ShopKnowledge::new(catalog, faq);
    println!("  by words      {}", run(&knowledge, &questions)?);
    let began = Instant::now();
    let noise: Arc<dyn Encoder> = Arc::new(Noise);
    let meaning = Meaning {
        of_texts: Arc::clone(&noise),
        of_messages: noise,
        languages: vec![Language::EN],
    };
    knowledge.learn_meaning(meaning)?;
    let took_s = began.elapsed().as_secs_f64();
    println!(
        "  by meaning    {}; the index took {took_s:.1} s",
        run(&knowledge, &questions)?
    );
    Ok(())
}

fn run(knowledge: &ShopKnowledge, questions: &[String]) -> anyhow::Result<String> {
    let mut times = Histogram::<u64>::new(3)?;
    let mut found = 0;
    for question in questions.iter().take(SEARCHES / 10) {
        knowledge.find(question, 3);
    }
    for question in questions {
        let began = Instant::now();
        found += knowledge.find(question, 3).len();
        times.record(u64::try_from(began.elapsed().as_nanos())?)?;
    }
    anyhow::ensure!(found > 0, "nothing was found at all");
    #[expect(
        clippy::cast_precision_loss,
        reason = "no search takes longer than a float can tell"
    )]
    let ms = |quantile| times.value_at_quantile(quantile) as f64 / 1e6;
    Ok(format!("p50 {:.2} ms, p99 {:.2} ms", ms(0.5), ms(0.99)))
}

/// Throws that follow from a seed, on every machine alike.
struct Chance(ChaCha8Rng);

impl Chance {
    fn of(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / f64::from(u32::MAX)
    }

    /// A word, the first ones far more often than the last.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "between 0 and the number of words"
    )]
    fn word(&mut self) -> String {
        let rank = (WORDS as f64).powf(self.share()) as usize;
        format!("word{}", letters(rank))
    }
}

/// A number as letters, so that it is read as a word.
fn letters(number: usize) -> String {
    let digits = number.to_string();
    let letters = digits.bytes().map(|digit| char::from(digit - b'0' + b'a'));
    letters.collect()
}

fn sentence(chance: &mut Chance) -> String {
    let words: Vec<String> = (0..LENGTH).map(|_| chance.word()).collect();
    format!("{}?", words.join(" "))
}

fn faq(chance: &mut Chance) -> Faq {
    let entries = (0..ENTRIES).map(|number| FaqEntry {
        id: FaqId::from(number.to_string().as_str()),
        questions: BTreeMap::from([(Language::EN, vec![sentence(chance), sentence(chance)])]),
        answer: LocalText::one(
            Language::EN,
            format!("{} {}", sentence(chance), sentence(chance)),
        ),
        scope: Scope::default(),
        template: None,
    });
    Faq {
        entries: entries.collect(),
        hash: String::new(),
    }
}

/// Makes of each text noise that follows from it.
struct Noise;

impl Encoder for Noise {
    fn name(&self) -> &'static str {
        "noise"
    }

    fn dimensions(&self) -> usize {
        384
    }

    #[expect(clippy::cast_possible_truncation, reason = "noise is noise")]
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncoderError> {
        let noise = |text: &&str| {
            let seed = text.bytes().fold(1_u64, |seed, byte| {
                seed.wrapping_mul(31).wrapping_add(u64::from(byte))
            });
            let mut chance = Chance::of(seed);
            let numbers: Vec<f32> = (0..384).map(|_| chance.share() as f32 - 0.5).collect();
            let length = numbers.iter().map(|it| it * it).sum::<f32>().sqrt();
            numbers.into_iter().map(|it| it / length).collect()
        };
        Ok(texts.iter().map(noise).collect())
    }
}
