//! `[site]`: the building's name, time zone and language.

use gengfu_core::{
    id::SiteId,
    text::{Language, Text},
};
use jiff::tz::TimeZone;

use super::{
    fields::Fields,
    kind::Words,
    problem::{At, did_you_mean},
};

/// The site that this gateway watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its name for programs: part of every topic, row and metric.
    pub id: SiteId,
    /// Its name for people.
    pub name: Text,
    /// IANA time zone, in which times are shown and the daily test is held.
    pub time_zone: String,
    /// The language of those whose own is not known.
    pub language: Language,
}

/// Reads `[site]`.
pub fn read(mut fields: Fields<'_>) -> Option<Site> {
    let id = fields.required::<SiteId>("id");
    let name = fields.optional::<Words>("name").map(|at| Text::from(at.value));
    let zone = fields.required::<String>("time_zone");
    let language = fields.or("language", Language::default());
    if let Some(At { value: id, span }) = &id
        && id.as_str().contains('/')
    {
        fields.walk.problems.error(
            span,
            format!("the site's id \"{id}\" has a slash in it"),
            "it is one level of the MQTT topics: use letters, digits and . _ - only",
        );
    }
    if let Some(zone) = &zone {
        check_zone(&fields, zone);
    }
    fields.done();
    let (id, zone) = (id?.value, zone?.value);
    Some(Site {
        name: name.unwrap_or_else(|| Text::from(id.as_str())),
        id,
        time_zone: zone,
        language,
    })
}

fn check_zone(fields: &Fields<'_>, zone: &At<String>) {
    if TimeZone::get(&zone.value).is_ok() {
        return;
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let guess = did_you_mean(&zone.value, known.iter().map(String::as_str));
    fields.walk.problems.error(
        &zone.span,
        format!("there is no time zone \"{}\"", zone.value),
        guess.unwrap_or_else(|| {
            "use a name of the IANA list as \"Asia/Shanghai\" or \"Europe/London\"".to_owned()
        }),
    );
}
