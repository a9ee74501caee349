//! `consultant catalog`: a catalogue checked, compared, and filled from a table.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use consultant_core::Catalog;
use consultant_knowledge::{
    Difference, LoadedCatalog, SmallModels, Table, differences, import,
    load_catalog_with_categories, write_catalog,
};
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::{
    cli::{CatalogCheckArgs, CatalogCommand, CatalogDiffArgs, CatalogImportArgs, JsonArgs},
    company,
    config::Config,
    diagnostics::Diagnostic,
    failure::{Failure, because},
    goods::{Feed, Fetched},
    output::{self, counted},
    starters::shop as demo,
};

/// What the catalogue before is kept as, beside the new one.
const BEFORE: &str = "before";

/// Does what was asked of a catalogue.
pub async fn run(command: CatalogCommand, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        CatalogCommand::Refresh(args) => refresh(args, config).await,
        CatalogCommand::Check(args) => check(&args, config),
        CatalogCommand::Diff(args) => diff(&args, config),
        CatalogCommand::Import(args) => import_table(&args, config),
    }
}

/// A catalogue as its file has it.
struct Read {
    name: String,
    loaded: LoadedCatalog,
}

impl Read {
    /// That file, or the catalogue of the configuration.
    fn of(file: Option<&Path>, config: &Config) -> Result<Self, Failure> {
        if file.is_none() && config.company.goods().is_some() {
            return Self::with_goods(config);
        }
        let Some(file) = file.or(config.company.catalog()) else {
            return Self::parse("the demo's catalog.yaml".to_owned(), demo::CATALOG);
        };
        let text = fs::read_to_string(file).map_err(|error| {
            let what = format!("{} cannot be read", file.display());
            because(&what, &error, "name a catalogue in YAML")
        })?;
        Self::parse(file.display().to_string(), &text)
    }

    /// The catalogue of the configuration with the goods that are laid over it.
    fn with_goods(config: &Config) -> Result<Self, Failure> {
        let served = company::catalog_text(&config.company)?;
        Self::parse(served.0, &served.1)
    }

    fn parse(name: String, text: &str) -> Result<Self, Failure> {
        match load_catalog_with_categories(&name, text) {
            Ok(loaded) => Ok(Self { name, loaded }),
            Err(problems) => Err(refused(problems, Some(text))),
        }
    }
}

/// Problems with their lines, as a command ends that could not do its work.
fn refused(problems: Vec<consultant_knowledge::Problem>, text: Option<&str>) -> Failure {
    let problems = problems.into_iter();
    let found = problems.map(|it| Diagnostic::from_facts(it, text.map(str::to_owned)));
    let diagnostics: Vec<Diagnostic> = found.collect();
    let message = format!("{} found", Diagnostic::count(&diagnostics));
    Failure {
        diagnostics,
        ..Failure::new(message, "")
    }
}

/// What is in a catalogue.
#[derive(Serialize)]
struct Contents {
    file: String,
    company: String,
    products: usize,
    variants: usize,
    other_prices: usize,
    bundles: usize,
    discounts: usize,
    currencies: Vec<String>,
    groups: Vec<String>,
    regions: Vec<String>,
    hash: String,
}

impl Contents {
    fn of(read: &Read) -> Self {
        let catalog = &read.loaded.catalog;
        let variants = || catalog.products.iter().flat_map(|it| &it.variants);
        let rows = || variants().flat_map(|it| &it.prices);
        let others = rows().filter_map(|it| it.currency);
        let mut currencies: Vec<String> = others.map(|it| it.to_string()).collect();
        currencies.push(catalog.currency.to_string());
        currencies.sort_unstable();
        currencies.dedup();
        Self {
            file: read.name.clone(),
            company: catalog.company.name.clone(),
            products: catalog.products.len(),
            variants: variants().count(),
            other_prices: rows().count(),
            bundles: catalog
                .products
                .iter()
                .filter(|it| !it.contains.is_empty())
                .count(),
            discounts: catalog.discounts.len(),
            currencies,
            groups: catalog.groups.iter().map(|it| it.id.clone()).collect(),
            regions: catalog.regions.clone(),
            hash: catalog.hash.clone(),
        }
    }

    fn in_words(&self) -> String {
        let named = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        format!(
            "{}: {}\n  {} products in {} variants, {} other prices, {} bundles, {} discounts\n  \
             currencies: {}\n  groups: {}\n  regions: {}\nno problems found\n",
            self.file,
            self.company,
            self.products,
            self.variants,
            self.other_prices,
            self.bundles,
            self.discounts,
            named(&self.currencies),
            named(&self.groups),
            named(&self.regions),
        )
    }
}

fn check(args: &CatalogCheckArgs, config: &Config) -> Result<ExitCode, Failure> {
    let contents = Contents::of(&Read::of(args.file.as_deref(), config)?);
    if args.json.json {
        output::print_json(&contents);
    } else {
        output::print(&contents.in_words());
    }
    Ok(ExitCode::SUCCESS)
}

fn diff(args: &CatalogDiffArgs, config: &Config) -> Result<ExitCode, Failure> {
    let first = Read::of(Some(&args.first), config)?;
    let (old, new) = match &args.second {
        Some(second) => (first, Read::of(Some(second), config)?),
        None => (Read::of(None, config)?, first),
    };
    let found = differences(&old.loaded.catalog, &new.loaded.catalog);
    if args.json.json {
        output::print_json(&found);
    } else {
        output::print(&format!(
            "{} -> {}\n{}",
            old.name,
            new.name,
            in_words(&found)
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// One line a difference: what is new, what is gone, what changed.
fn in_words(found: &[Difference]) -> String {
    if found.is_empty() {
        return "nothing differs\n".to_owned();
    }
    let line = |it: &Difference| {
        let of = if it.what.is_empty() {
            it.of.clone()
        } else {
            format!("{}: {}", it.of, it.what)
        };
        match (&it.old, &it.new) {
            (None, Some(new)) => format!("+ {of}: {new}\n"),
            (Some(old), None) => format!("- {of}: {old}\n"),
            (Some(old), Some(new)) => format!("~ {of}: {old} -> {new}\n"),
            (None, None) => String::new(),
        }
    };
    found.iter().map(line).collect()
}

/// What an import came to.
#[derive(Serialize)]
struct Imported {
    table: String,
    rows: usize,
    /// `None` where nothing was to be written, or nothing changed.
    written: Option<PathBuf>,
    /// Where the catalogue before is.
    before: Option<PathBuf>,
    differences: Vec<Difference>,
}

fn import_table(args: &CatalogImportArgs, config: &Config) -> Result<ExitCode, Failure> {
    // What is laid over the catalogue stays where it comes from.
    let base = Read::of(args.base.as_deref().or(config.company.catalog()), config)?;
    let name = args.table.display().to_string();
    let bytes = fs::read(&args.table)
        .map_err(|error| because(&format!("{name} cannot be read"), &error, "name a CSV file"))?;
    let table = Table::read_csv(&name, &bytes, args.reading.delimiter);
    let table = table.map_err(|problems| refused(problems, None))?;
    let loaded = import(&base.loaded, &table, &args.reading.settings());
    let loaded = loaded.map_err(|problems| refused(problems, None))?;
    let found = differences(&base.loaded.catalog, &loaded.catalog);
    let mut imported = Imported {
        table: name,
        rows: table.rows.len(),
        written: None,
        before: None,
        differences: found,
    };
    let in_place = imported.differences.is_empty() && args.out.is_none();
    if !args.dry_run && !in_place {
        let out = place(args, config)?;
        imported.before = write(&out, &write_catalog(&loaded))?;
        imported.written = Some(out);
    }
    if args.json.json {
        output::print_json(&imported);
    } else {
        output::print(&told(&imported, &loaded.catalog));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a fetch came to.
#[derive(Serialize)]
struct Refreshed {
    from: String,
    differences: Vec<Difference>,
}

async fn refresh(args: JsonArgs, config: &Config) -> Result<ExitCode, Failure> {
    let Some(mut feed) = Feed::of(config) else {
        return Err(Failure::usage(
            "nothing is fetched: neither `goods.url` nor `goods.sqlite` of an own company is set",
            "set one of them; `consultant catalog import` takes a table by hand",
        ));
    };
    let from = feed.name();
    // What cannot be read now may be what these goods mend.
    let before = serving(config).ok();
    let fetched = feed.fetch().await.map_err(|error| {
        let what = format!("goods could not be fetched from {from}");
        because(
            &what,
            &error,
            "what was fetched last goes on serving; try again",
        )
    })?;
    if let Fetched::Wrong(diagnostics) = fetched {
        return Err(Failure {
            diagnostics,
            ..Failure::new(
                format!("the goods of {from} are not right; those before go on serving"),
                "mend them where they come from",
            )
        });
    }
    let now = serving(config)?;
    let refreshed = Refreshed {
        from,
        differences: before.map_or_else(Vec::new, |before| differences(&before, &now)),
    };
    if args.json {
        output::print_json(&refreshed);
    } else {
        let (from, found) = (&refreshed.from, in_words(&refreshed.differences));
        output::print(&format!("{from}\n{found}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The catalogue as it serves, with the goods that are laid over it.
fn serving(config: &Config) -> Result<Arc<Catalog>, Failure> {
    Ok(company::load_facts(&config.company, &SmallModels::default())?.catalog())
}

/// Where the new catalogue goes.
fn place(args: &CatalogImportArgs, config: &Config) -> Result<PathBuf, Failure> {
    let place = args.out.as_deref().or(args.base.as_deref());
    let place = place.or(config.company.catalog());
    place.map(Path::to_owned).ok_or_else(|| {
        Failure::usage(
            "the demo's catalogue is part of the program and cannot be written over",
            "name a file with --out, or begin your own company with `consultant new`",
        )
    })
}

/// All of the new file or all of the old one, which is kept beside it. Where the file is a link, what
/// it leads to is written.
fn write(file: &Path, text: &str) -> Result<Option<PathBuf>, Failure> {
    let failed = |error: std::io::Error| {
        let what = format!("{} cannot be written", file.display());
        because(&what, &error, "name a file in a folder that is there")
    };
    if !file.exists() {
        fs::write(file, text).map_err(failed)?;
        return Ok(None);
    }
    let file = fs::canonicalize(file).map_err(failed)?;
    let before = before(&file);
    fs::copy(&file, &before).map_err(failed)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut beside = NamedTempFile::new_in(folder).map_err(failed)?;
    beside.write_all(text.as_bytes()).map_err(failed)?;
    // A file for a while is its owner's alone; a catalogue is read by whoever serves it.
    let permissions = fs::metadata(&before).map_err(failed)?.permissions();
    let new = beside.as_file();
    new.set_permissions(permissions).map_err(failed)?;
    new.sync_all().map_err(failed)?;
    beside.persist(&file).map_err(|error| failed(error.error))?;
    Ok(Some(before))
}

/// A name for the file before, that no earlier one has.
fn before(file: &Path) -> PathBuf {
    let first = file.with_added_extension(BEFORE);
    let more = (2..).map(|it| file.with_added_extension(format!("{BEFORE}-{it}")));
    let mut free = [first.clone()]
        .into_iter()
        .chain(more)
        .filter(|it| !it.exists());
    free.next().unwrap_or(first)
}

fn told(imported: &Imported, catalog: &Catalog) -> String {
    let written = match (&imported.written, &imported.before) {
        (Some(file), Some(before)) => format!(
            "{} is written; the one before is {}\n",
            file.display(),
            before.display()
        ),
        (Some(file), None) => format!("{} is written\n", file.display()),
        (None, _) => "nothing is written\n".to_owned(),
    };
    format!(
        "{}: {}, {}\n{}{written}",
        imported.table,
        counted(imported.rows, "row"),
        counted(catalog.products.len(), "product"),
        in_words(&imported.differences),
    )
}
