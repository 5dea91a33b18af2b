//! What handlers take out of a request. What can't be read is answered in the API's own words.

use std::{str::FromStr, sync::Arc};

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query as AxumQuery, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::{app::App, error::ApiError};

/// A JSON body.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, app).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let status = rejection.status();
                Err(ApiError::new(status, "bad_body", rejection.body_text()))
            }
        }
    }
}

/// The parameters behind the `?`.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Arc<App>> for Query<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        match AxumQuery::<T>::from_request_parts(parts, app).await {
            Ok(AxumQuery(query)) => Ok(Self(query)),
            Err(rejection) => Err(ApiError::bad_request(rejection.body_text())),
        }
    }
}

/// The one name in a path, percent-decoded.
pub(crate) struct Id<T>(pub T);

impl<T> FromRequestParts<Arc<App>> for Id<T>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|rejection| ApiError::bad_request(rejection.body_text()))?;
        text.parse().map(Self).map_err(|error: T::Err| {
            ApiError::bad_request(format!("\"{text}\" in the path: {error}"))
        })
    }
}

/// Two names in a path, percent-decoded.
pub(crate) struct Two(pub String, pub String);

impl FromRequestParts<Arc<App>> for Two {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Path((first, second)) = Path::<(String, String)>::from_request_parts(parts, app)
            .await
            .map_err(|rejection| ApiError::bad_request(rejection.body_text()))?;
        Ok(Self(first, second))
    }
}
