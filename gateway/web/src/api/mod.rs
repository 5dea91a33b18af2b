//! The HTTP API, one file a resource, and the OpenAPI document that is made of it.

mod act;
mod advice;
mod alarms;
mod answer;
mod audit;
mod boards;
mod calendars;
mod cap;
mod channels;
mod devices;
mod events;
mod exports;
mod figures;
mod found;
mod health;
mod imports;
mod incidents;
mod invitation;
mod live;
mod me;
mod modbus;
mod musters;
mod outputs;
mod people;
mod pictures;
mod places;
mod points;
mod policies;
mod push;
mod records;
mod rehearsals;
mod rosters;
mod session;
mod swaps;
mod updates;
mod walk_tests;
mod ways;

use std::sync::Arc;

use axum::{Router, http::Method, middleware};
use utoipa::{
    OpenApi as _,
    openapi::{
        Content, OpenApi, Ref, RefOr, Response,
        extensions::ExtensionsBuilder,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use crate::{
    app::{App, guard},
    auth::access::{self, Access},
    error::Problem,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Gengfu gateway",
        description = "Signals, alarms, incidents, and who answers them. Times are RFC 3339; spans are written as people write them (`45s`, `1h 30m`); names in paths are percent-encoded. Whatever is not a success has a `Problem` for its body.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Document;

/// The routes behind their gate.
pub(crate) fn router(app: &Arc<App>) -> Router<Arc<App>> {
    routes(Router::new()).route_layer(middleware::from_fn_with_state(app.clone(), guard))
}

/// The OpenAPI document.
pub fn document() -> OpenApi {
    let described = OpenApiRouter::with_openapi(Document::openapi());
    let mut document = routes(described).into_openapi();
    describe_access(&mut document);
    document
}

/// What the routes are gathered in.
trait Gathering {
    fn routes(self, more: UtoipaMethodRouter<Arc<App>>) -> Self;
}

impl Gathering for OpenApiRouter<Arc<App>> {
    fn routes(self, more: UtoipaMethodRouter<Arc<App>>) -> Self {
        OpenApiRouter::routes(self, more)
    }
}

/// Without the document, each part of which is let go of before the next one is made: whole it takes
/// megabytes, in the middle of what stays.
impl Gathering for Router<Arc<App>> {
    fn routes(self, (_, described, methods): UtoipaMethodRouter<Arc<App>>) -> Self {
        described.paths.keys().fold(self, |router, path| router.route(path, methods.clone()))
    }
}

fn routes<R: Gathering>(gathering: R) -> R {
    gathering
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::metrics))
        .routes(routes!(health::health))
        .routes(routes!(answer::get_answer))
        .routes(routes!(answer::answer_events))
        .routes(routes!(answer::answer_acknowledge))
        .routes(routes!(answer::answer_arrive))
        .routes(routes!(answer::answer_hand_over))
        .routes(routes!(answer::answer_end))
        .routes(routes!(answer::receipt))
        .routes(routes!(musters::get_roll_call, musters::answer_roll_call))
        .routes(routes!(invitation::get_invitation, invitation::use_invitation))
        .routes(routes!(session::sign_in, session::get_session, session::sign_out))
        .routes(routes!(me::get_methods, me::put_methods))
        .routes(routes!(ways::my_ways))
        .routes(routes!(ways::test_my_way))
        .routes(routes!(ways::my_way_works))
        .routes(routes!(ways::ways_of))
        .routes(routes!(swaps::my_swaps, swaps::ask_swap))
        .routes(routes!(swaps::accept_swap))
        .routes(routes!(swaps::decline_swap))
        .routes(routes!(swaps::withdraw_swap))
        .routes(routes!(push::subscribe))
        .routes(routes!(push::push_key))
        .routes(routes!(incidents::list_incidents))
        .routes(routes!(incidents::get_incident))
        .routes(routes!(incidents::get_timeline))
        .routes(routes!(incidents::incident_events))
        .routes(routes!(records::list_records))
        .routes(routes!(records::records_table))
        .routes(routes!(records::get_record))
        .routes(routes!(records::record_as_table))
        .routes(routes!(pictures::list_pictures))
        .routes(routes!(pictures::get_picture))
        .routes(routes!(pictures::answer_pictures))
        .routes(routes!(pictures::answer_picture))
        .routes(routes!(incidents::acknowledge))
        .routes(routes!(incidents::arrive))
        .routes(routes!(incidents::hand_over))
        .routes(routes!(incidents::end))
        .routes(routes!(musters::list_musters, musters::call_muster))
        .routes(routes!(musters::get_muster))
        .routes(routes!(musters::answer_muster))
        .routes(routes!(musters::end_muster))
        .routes(routes!(alarms::list_alarms))
        .routes(routes!(alarms::get_alarm))
        .routes(routes!(alarms::acknowledge_alarm))
        .routes(routes!(alarms::shelve_alarm))
        .routes(routes!(alarms::unshelve_alarm))
        .routes(routes!(events::events))
        .routes(routes!(live::get_live))
        .routes(routes!(live::live_events))
        .routes(routes!(places::list_places))
        .routes(routes!(advice::list_cards))
        .routes(routes!(advice::get_card, advice::put_card, advice::remove_card))
        .routes(routes!(advice::get_note, advice::put_note))
        .routes(routes!(points::list_points))
        .routes(routes!(points::get_point))
        .routes(routes!(points::get_history))
        .routes(routes!(points::get_chart))
        .routes(routes!(exports::get_history_csv))
        .routes(routes!(outputs::list_outputs))
        .routes(routes!(outputs::switch_output))
        .routes(routes!(devices::list_devices, devices::add_device))
        .routes(routes!(walk_tests::list_walk_tests))
        .routes(routes!(
            walk_tests::get_walk_test,
            walk_tests::begin_walk_test,
            walk_tests::end_walk_test
        ))
        .routes(routes!(walk_tests::walk_test_events))
        .routes(routes!(walk_tests::test_message_arrived))
        .routes(routes!(boards::list_boards))
        .routes(routes!(boards::board_kinds))
        .routes(routes!(boards::identify_board))
        .routes(routes!(boards::make_board_file))
        .routes(routes!(boards::draw_wiring))
        .routes(routes!(updates::begin_update, updates::get_update, updates::stop_update))
        .routes(routes!(devices::get_device, devices::remove_device))
        .routes(routes!(devices::renew_credential))
        .routes(routes!(devices::take_out_of_service, devices::put_back_in_service))
        .routes(routes!(found::list_found))
        .routes(routes!(found::adopt_found))
        .routes(routes!(modbus::list_buses))
        .routes(routes!(modbus::begin_scan, modbus::stop_scan))
        .routes(routes!(modbus::read_unit))
        .routes(routes!(people::list_people))
        .routes(routes!(people::get_person, people::put_person, people::remove_person))
        .routes(routes!(people::invite_person))
        .routes(routes!(rosters::list_rosters))
        .routes(routes!(rosters::get_roster, rosters::put_roster, rosters::remove_roster))
        .routes(routes!(rosters::get_on_call))
        .routes(routes!(rosters::get_shifts))
        .routes(routes!(rosters::get_roster_people))
        .routes(routes!(calendars::get_calendar_link))
        .routes(routes!(calendars::get_calendar))
        .routes(routes!(calendars::get_month))
        .routes(routes!(cap::get_cap_link))
        .routes(routes!(cap::get_cap_feed))
        .routes(routes!(cap::get_cap_alert))
        .routes(routes!(imports::import_calendar))
        .routes(routes!(policies::list_policies))
        .routes(routes!(policies::get_policy, policies::put_policy, policies::remove_policy))
        .routes(routes!(rehearsals::get_rehearsal))
        .routes(routes!(audit::get_audit))
        .routes(routes!(figures::get_figures))
        .routes(routes!(channels::list_channels))
        .routes(routes!(channels::test_channel))
}

/// Writes into the document what the table of access says, and what every refusal looks like.
fn describe_access(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let access = access::access(&method, path);
            let (words, session) = match access {
                Some(Access::Public) => ("anybody".to_owned(), false),
                Some(Access::Link) => ("whoever holds the link".to_owned(), false),
                Some(Access::SignedIn) => ("whoever is signed in".to_owned(), true),
                Some(Access::Roles(roles)) => (names(roles), true),
                Some(Access::LocalOr(roles)) => {
                    (format!("programs on the gateway itself, {}", names(roles)), true)
                }
                None => ("nobody".to_owned(), true),
            };
            if session {
                operation.security =
                    Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("session", [])]);
            }
            operation.extensions = Some(ExtensionsBuilder::new().add("x-access", words).build());
            let mut problem = Response::new("Refused; the body says why.");
            let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
            problem.content.insert("application/json".into(), RefOr::T(Content::new(Some(schema))));
            operation.responses.responses.insert("default".into(), RefOr::T(problem));
        }
    }
    let cookie = ApiKeyValue::with_description(
        "__Host-gengfu",
        "Set by POST /api/v1/session; called `gengfu` where the gateway serves plain HTTP. Methods that change anything also need `Sec-Fetch-Site: same-origin` or an `Origin` of the gateway's own.",
    );
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

fn names(roles: &[gengfu_core::person::Role]) -> String {
    let names: Vec<String> = roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
    names.join(", ")
}

/// The operations of a path with their methods.
pub fn operations(item: &mut PathItem) -> Vec<(Method, &mut Operation)> {
    let all = [
        (Method::GET, item.get.as_mut()),
        (Method::PUT, item.put.as_mut()),
        (Method::POST, item.post.as_mut()),
        (Method::DELETE, item.delete.as_mut()),
        (Method::PATCH, item.patch.as_mut()),
        (Method::HEAD, item.head.as_mut()),
        (Method::OPTIONS, item.options.as_mut()),
        (Method::TRACE, item.trace.as_mut()),
    ];
    all.into_iter().filter_map(|(method, op)| op.map(|op| (method, op))).collect()
}
