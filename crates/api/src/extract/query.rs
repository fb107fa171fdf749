//! Query strings: faults named by parameter; a parameter that the operation does not know is a fault too, because a
//! misspelt filter would otherwise list everything.

use app::tasks::PageQuery;
use axum::extract::FromRequestParts;
use domain::FieldError;
use http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::words;
use crate::problem::Problem;

pub struct Query<T>(pub T);

/// The filters of a list and the page of it.
pub struct Listing<T> {
    pub filter: T,
    pub page: PageQuery,
}

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        refuse_unknown(query, &names::<T>())?;
        parse(query).map(Self)
    }
}

impl<T: DeserializeOwned + IntoParams, S: Send + Sync> FromRequestParts<S> for Listing<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        refuse_unknown(query, &[names::<T>(), names::<PageQuery>()].concat())?;
        Ok(Self { filter: parse(query)?, page: parse(query)? })
    }
}

fn names<T: IntoParams>() -> Vec<String> {
    T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect()
}

fn refuse_unknown(query: &str, known: &[String]) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !known.iter().any(|known| *known == name) {
            let name: String = name.chars().take(100).collect();
            errors.push(FieldError::new(name, "is not a known parameter"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs)
        .map_err(|error| Problem::fields(vec![words::fault(error.path(), &error.inner().to_string(), "query")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(query: &str) -> FieldError {
        parse::<PageQuery>(query).unwrap_err().errors.into_iter().next().unwrap()
    }

    #[test]
    fn faults_name_the_parameter() {
        assert_eq!(fault("page=x"), FieldError::new("page", "must be a whole number"));
        assert_eq!(fault("page=-1"), FieldError::new("page", "must be a whole number"));
        assert_eq!(fault("page_size="), FieldError::new("page_size", "must be a whole number"));
        assert_eq!(fault("page=1&page=2"), FieldError::new("page", "is given twice"));
    }

    #[test]
    fn parameters_that_are_not_known_are_refused() {
        let known = names::<PageQuery>();
        assert_eq!(known, ["page", "page_size", "cursor"]);
        assert!(refuse_unknown("page=1&cursor=a", &known).is_ok());
        let problem = refuse_unknown("pages=1&page=2", &known).unwrap_err();
        assert_eq!(problem.errors, [FieldError::new("pages", "is not a known parameter")]);
    }
}
