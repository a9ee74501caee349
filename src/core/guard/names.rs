//! Which products a sentence names, and whether a price in it is theirs.

use rust_decimal::Decimal;

use crate::{
    Catalog, LocalText, Product,
    extract::{Kind, Token, tokens},
};

/// Every name of every product, the longest first, with the prices behind it.
#[derive(Debug)]
pub(super) struct Names {
    names: Vec<(Vec<Kind>, usize)>,
    products: Vec<Prices>,
}

#[derive(Debug)]
struct Prices {
    /// The product's key.
    id: String,
    variants: Vec<NamedVariant>,
}

/// A variant with its names in every language.
#[derive(Debug)]
pub(super) struct NamedVariant {
    names: Vec<Vec<Kind>>,
    price: Decimal,
    /// Lower prices, each with the pieces that it takes.
    steps: Vec<(u32, Decimal)>,
    pub(super) stock_pieces: u32,
}

/// Products that a sentence names at one place.
#[derive(Clone, Debug)]
pub(super) struct Mention {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) products: Vec<usize>,
}

impl Names {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mut names: Vec<(Vec<Kind>, usize)> = catalog
            .products
            .iter()
            .enumerate()
            .flat_map(|(index, product)| names_of(product).map(move |name| (name, index)))
            .collect();
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let products = catalog.products.iter().map(Prices::new).collect();
        Self { names, products }
    }

    /// Where products are named; the longest name wins, and none overlaps another.
    pub(super) fn mentions(&self, tokens: &[Token]) -> Vec<Mention> {
        let mut mentions = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match self.mention_at(tokens, at) {
                Some(mention) => {
                    at = mention.to;
                    mentions.push(mention);
                }
                None => at += 1,
            }
        }
        mentions
    }

    fn mention_at(&self, tokens: &[Token], from: usize) -> Option<Mention> {
        let length = self
            .names
            .iter()
            .find(|(name, _)| stands_at(tokens, from, name))?
            .0
            .len();
        let hits = self.names.iter();
        let hits = hits.filter(|(name, _)| name.len() == length && stands_at(tokens, from, name));
        Some(Mention {
            from,
            to: from + length,
            products: hits.map(|(_, product)| *product).collect(),
        })
    }

    /// Whose price the amount at this token is, of the products that it stands by.
    ///
    /// An amount belongs to the names before it; where amounts come first ("29 EUR for the Mug"),
    /// to those after it. Names without an amount between them are one group.
    pub(super) fn priced(
        &self,
        tokens: &[Token],
        mentions: &[Mention],
        amount: Amount<'_>,
    ) -> Priced {
        let group = group_of(mentions, &amount);
        if group.is_empty() {
            return Priced::OfNothingNamed;
        }
        let mut group = group.iter();
        let product = group.find_map(|mention| self.price_of(tokens, mention, &amount));
        product.map_or(Priced::No, Priced::Of)
    }

    /// The product whose price this is, of those that are mentioned.
    fn price_of(&self, tokens: &[Token], mention: &Mention, amount: &Amount<'_>) -> Option<String> {
        let products = mention.products.iter();
        let mut products = products.filter_map(|&index| self.products.get(index));
        let product =
            products.find(|prices| prices.meant(tokens).iter().any(|it| it.costs(amount)))?;
        Some(product.id.clone())
    }

    /// Whether these tokens name a variant of a product that is mentioned.
    pub(super) fn names_variant(&self, tokens: &[Token], mentions: &[Mention]) -> bool {
        let products = mentions.iter().flat_map(|mention| &mention.products);
        let mut products = products.filter_map(|&index| self.products.get(index));
        products.any(|it| it.names_variant(tokens))
    }

    /// The variants that these tokens are about: of each product that is mentioned those that are
    /// named, or else all.
    pub(super) fn variants_meant(
        &self,
        tokens: &[Token],
        mentions: &[Mention],
    ) -> Vec<&NamedVariant> {
        let products = mentions.iter().flat_map(|mention| &mention.products);
        let products = products.filter_map(|&index| self.products.get(index));
        products.flat_map(|it| it.meant(tokens)).collect()
    }
}

/// Whose price an amount is.
#[derive(Debug)]
pub(super) enum Priced {
    /// This product's, by its key.
    Of(String),
    /// No product stands by it.
    OfNothingNamed,
    /// None of those that stand by it.
    No,
}

/// An amount in a sentence, with the places of all amounts in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount<'a> {
    pub(super) value: Decimal,
    pub(super) at: usize,
    pub(super) all: &'a [usize],
    /// Numbers of the sentence that stand outside of it.
    pub(super) beside: &'a [Decimal],
}

fn group_of<'a>(mentions: &'a [Mention], amount: &Amount<'_>) -> &'a [Mention] {
    let (Some(first_name), Some(first_amount)) = (mentions.first(), amount.all.first()) else {
        return &[];
    };
    let place = |at: usize| mentions.partition_point(|mention| mention.from < at);
    if *first_amount < first_name.from {
        let start = place(amount.at);
        let next = amount
            .all
            .iter()
            .copied()
            .find(|&at| mentions.get(start).is_some_and(|mention| at > mention.from));
        mentions
            .get(start..next.map_or(mentions.len(), place))
            .unwrap_or_default()
    } else {
        let end = place(amount.at);
        let last = end.checked_sub(1).and_then(|last| mentions.get(last));
        let before = amount.all.iter().rev().copied();
        let previous = before
            .into_iter()
            .find(|&at| last.is_some_and(|last| at < last.from));
        mentions
            .get(previous.map_or(0, place)..end)
            .unwrap_or_default()
    }
}

impl NamedVariant {
    /// Whether one piece costs this: always, or from just the number of pieces that is said with it.
    fn costs(&self, amount: &Amount<'_>) -> bool {
        let says = |from: u32| amount.beside.contains(&Decimal::from(from));
        let mut steps = self.steps.iter();
        self.price == amount.value
            || steps.any(|(from, price)| price.normalize() == amount.value && says(*from))
    }
}

impl Prices {
    fn new(product: &Product) -> Self {
        let variants = product.variants.iter().map(|variant| NamedVariant {
            names: texts(&variant.name).filter(|name| is_name(name)).collect(),
            price: variant.price.normalize(),
            steps: variant.steps(),
            stock_pieces: variant.stock_pieces,
        });
        Self {
            id: product.id.to_string(),
            variants: variants.collect(),
        }
    }

    /// Whether these tokens name one of the variants.
    fn names_variant(&self, tokens: &[Token]) -> bool {
        let mut names = self.variants.iter().flat_map(|it| &it.names);
        names.any(|name| stands_in(tokens, name))
    }

    /// The variants that these tokens name, or else all.
    fn meant(&self, tokens: &[Token]) -> Vec<&NamedVariant> {
        let is_named = |it: &&NamedVariant| it.names.iter().any(|name| stands_in(tokens, name));
        let named: Vec<_> = self.variants.iter().filter(is_named).collect();
        if named.is_empty() {
            self.variants.iter().collect()
        } else {
            named
        }
    }
}

fn names_of(product: &Product) -> impl Iterator<Item = Vec<Kind>> + '_ {
    let aliases = product.aliases.values().flatten().map(|alias| kinds(alias));
    texts(&product.name)
        .chain(aliases)
        .filter(|name| is_name(name))
}

fn texts(text: &LocalText) -> impl Iterator<Item = Vec<Kind>> + '_ {
    text.0.values().map(|text| kinds(text))
}

fn kinds(text: &str) -> Vec<Kind> {
    tokens(text).into_iter().map(|token| token.kind).collect()
}

/// A name has a letter in it; a number alone names nothing.
fn is_name(name: &[Kind]) -> bool {
    name.iter()
        .any(|kind| matches!(kind, Kind::Word(_) | Kind::Han(_)))
}

fn stands_in(tokens: &[Token], name: &[Kind]) -> bool {
    (0..tokens.len()).any(|at| stands_at(tokens, at, name))
}

/// The last word of a name may be in the plural.
fn stands_at(tokens: &[Token], from: usize, name: &[Kind]) -> bool {
    let Some(place) = tokens.get(from..from + name.len()) else {
        return false;
    };
    let last = name.len().saturating_sub(1);
    place
        .iter()
        .zip(name)
        .enumerate()
        .all(|(i, (token, kind))| match (&token.kind, kind) {
            (Kind::Word(word), Kind::Word(name)) if i == last => {
                word == name || word.strip_suffix('s') == Some(name)
            }
            (token, kind) => token == kind,
        })
}
