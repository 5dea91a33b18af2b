//! `[cameras.<id>]` and `[pictures]`: whose pictures stand beside an incident, and how long they are kept.

use std::{collections::BTreeMap, path::PathBuf};

use gengfu_core::{
    id::{self, PlaceId},
    site::{Place, around},
    text::Text,
    time::Span,
};
use gengfu_field::picture::MAX_BYTES;
use imbl::OrdMap;
use url::Url;

use super::{
    fields::{Fields, Node},
    influxdb::is_here,
    kind::Words,
    place,
    problem::{At, Problems},
    secret,
};

const MIB: u64 = 1 << 20;
/// A smaller picture shows nobody anything.
const LEAST_BYTES: u32 = 16 * 1024;
/// A larger one is no use on a phone.
const MOST_BYTES: u32 = 16 << 20;
/// A hundred years: more is a slip of the pen.
const MOST_DAYS: u32 = 36_525;
/// Neither "just before" nor "just after" is longer.
const FURTHEST: Span = Span::mins(2);
/// A camera is asked at the most once a second, and at the least once a minute.
const EVERY: (Span, Span) = (Span::secs(1), Span::mins(1));

/// A camera that looks at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Camera {
    /// Its name for people.
    pub name: Text,
    /// The place that it looks at, with those inside it.
    pub place: PlaceId,
    /// Where its pictures come from.
    pub source: Source,
}

impl Camera {
    /// True if it looks at this place.
    pub fn sees(&self, places: &OrdMap<PlaceId, Place>, place: &PlaceId) -> bool {
        around(places, place).any(|at| *at == self.place)
    }
}

/// Where a camera's pictures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Frigate publishes them by MQTT; the filter of their topics.
    Frigate(String),
    /// The camera is asked for one.
    Snapshot(Snapshot),
}

/// A camera that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it gives a picture.
    pub url: Url,
    /// Who asks, and the file with the password.
    pub login: Option<(String, PathBuf)>,
    /// The password may go there as it is: `basic`, where the camera can do no better.
    pub basic: bool,
    /// A file with authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// It is asked this often while nothing happens, for a picture from before.
    pub every: Option<Span>,
}

/// What of the pictures is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// The largest picture, in bytes.
    pub max_bytes: usize,
    /// All pictures together, in bytes.
    pub total_bytes: u64,
    /// So long.
    pub keep: Span,
    /// "Just before" is no longer ago.
    pub before: Span,
    /// "Just after" is no later.
    pub after: Span,
}

/// Reads `[pictures]`.
pub fn read_kept(mut fields: Fields<'_>) -> Kept {
    let max_bytes = within(&mut fields, "max_bytes", MAX_BYTES as u32, (LEAST_BYTES, MOST_BYTES));
    let total = within(&mut fields, "total_megabytes", 1_024, (16, 1_048_576));
    let keep_days = within(&mut fields, "keep_days", 30, (1, MOST_DAYS));
    let before = span(&mut fields, "before", Span::secs(10), (Span::ZERO, FURTHEST));
    let after = span(&mut fields, "after", Span::secs(20), (Span::secs(1), FURTHEST));
    fields.done();
    Kept {
        max_bytes: max_bytes as usize,
        total_bytes: u64::from(total) * MIB,
        keep: Span::hours(24).times(keep_days.into()),
        before,
        after,
    }
}

fn within(
    fields: &mut Fields<'_>,
    key: &'static str,
    default: u32,
    (least, most): (u32, u32),
) -> u32 {
    let Some(at) = fields.optional::<u32>(key) else { return default };
    if !(least..=most).contains(&at.value) {
        let what = format!("`{key}` = {} is out of range", at.value);
        fields.walk.problems.error(&at.span, what, format!("use {least} to {most}"));
    }
    at.value
}

fn span(
    fields: &mut Fields<'_>,
    key: &'static str,
    default: Span,
    (least, most): (Span, Span),
) -> Span {
    let Some(at) = fields.optional::<Span>(key) else { return default };
    if at.value < least || at.value > most {
        let what = format!("`{key}` = \"{}\" is out of range", at.value);
        fields.walk.problems.error(&at.span, what, format!("use \"{least}\" to \"{most}\""));
    }
    at.value
}

/// Reads `[cameras]`.
pub fn read(mut fields: Fields<'_>, places: &OrdMap<PlaceId, Place>) -> BTreeMap<String, Camera> {
    fields.rest().into_iter().filter_map(|node| camera(node, places)).collect()
}

fn camera(node: Node<'_>, places: &OrdMap<PlaceId, Place>) -> Option<(String, Camera)> {
    let (problems, key) = (node.walk.problems, node.key.clone());
    if !id::is_valid(&key) || key.contains('/') {
        let what = format!("\"{key}\" can't be a camera's name");
        problems.error(&node.key_span, what, "use letters, digits and . _ - only");
    }
    let mut fields = node.fields(&format!("cameras.{key}"))?;
    fields.name = format!("camera \"{key}\"");
    let name = fields.optional::<Words>("name");
    let place = fields.required::<PlaceId>("place");
    if let Some(at) = place.as_ref().filter(|at| !places.contains_key(&at.value)) {
        place::unknown(problems, &at.span, &at.value, places);
    }
    let source = source(&mut fields);
    fields.done();
    let name = name.map_or_else(|| Text::from(key.as_str()), |at| at.value.into());
    Some((key, Camera { name, place: place?.value, source: source? }))
}

fn source(fields: &mut Fields<'_>) -> Option<Source> {
    let problems = fields.walk.problems;
    let frigate = fields.optional::<String>("frigate");
    let url = fields.optional::<String>("snapshot");
    match (frigate, url) {
        (Some(camera), None) => {
            let topic = fields.optional::<String>("topic");
            let prefix = topic.as_ref().map_or("frigate", |at| at.value.as_str());
            let is_level = !camera.value.is_empty() && !camera.value.contains(['/', '+', '#']);
            let is_topic = !prefix.is_empty() && !prefix.contains(['+', '#']);
            if let Some(At { span, .. }) = topic.as_ref().filter(|_| !is_topic) {
                let what = "`topic` is what Frigate's topics begin with, without + and #";
                problems.error(span, what, "write it as `topic_prefix` stands in Frigate");
            }
            if !is_level {
                let what = format!("Frigate has no camera \"{}\"", camera.value);
                problems.error(&camera.span, what, "write its name as it stands in Frigate");
            }
            Some(Source::Frigate(format!("{prefix}/{}/+/snapshot", camera.value)))
        }
        (None, Some(at)) => snapshot(fields, at).map(Source::Snapshot),
        (Some(at), Some(_)) => {
            let what = format!("{} has `frigate` and `snapshot`", fields.name);
            problems.error(&at.span, what, "remove one of them");
            None
        }
        (None, None) => {
            let remedy = "add `frigate = \"…\"`, its name there, or `snapshot = \"http://…\"`, \
                where it gives a picture";
            problems.missing(&fields.span, format!("{} has no source", fields.name), remedy);
            None
        }
    }
}

fn snapshot(fields: &mut Fields<'_>, At { value, span: at }: At<String>) -> Option<Snapshot> {
    let problems = fields.walk.problems;
    let user = fields.optional::<String>("user");
    let has_password = !fields.lacks("password_file");
    let password = secret::secret(fields, "password_file");
    let basic = fields.or("basic", false);
    let ca = secret::file(fields, "ca");
    let every = (!fields.lacks("every")).then(|| span(fields, "every", Span::secs(5), EVERY));
    if user.is_some() != has_password {
        let what = format!("{} has one of `user` and `password_file` alone", fields.name);
        problems.missing(&fields.span, what, "add the other one, or remove both");
    }
    let url = match Url::parse(&value) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
        _ => {
            let remedy = "write it as \"http://192.168.1.40/snapshot.jpg\"";
            problems.error(&at, "`snapshot` is no web address", remedy);
            return None;
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        problems.error(
            &at,
            "the camera's address holds a name or a password",
            "use `user` and `password_file`: this file is not a secret",
        );
    }
    if basic && url.scheme() == "http" && !is_here(&url) {
        warn_of_basic(problems, &at);
    }
    let login = user.map(|at| at.value).zip(password);
    Some(Snapshot { url, login, basic, ca, every })
}

fn warn_of_basic(problems: &Problems, at: &std::ops::Range<usize>) {
    problems.warning(
        at,
        "with `basic` the password goes to this camera without encryption",
        "remove `basic` if the camera can do digest, begin `snapshot` with https://, or keep this \
         network private",
    );
}
