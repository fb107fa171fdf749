//! `todo login`, `todo register`, `todo logout`.

use std::io::{self, BufRead, IsTerminal, Write};

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{
    Call,
    args::{Login, Register},
    error::ClientError,
    http::{Request, read},
    output::{print, print_json},
    saved::SignIn,
    session::{Session, is_open_to_others},
    wire,
};
use crate::config::environment;

pub async fn login(session: Session, args: Login) -> Result<(), ClientError> {
    let session = at(session, args.address)?;
    let email = answer("E-mail: ", args.email.or_else(|| session.saved.email.clone()))?;
    let password = password(false)?;
    let body = json!({"email": email, "password": password.expose_secret()});
    let answer = session.api.send(Request::post("api/auth/login", body)).await?;
    remember(&session, &answer)
}

pub async fn register(session: Session, args: Register) -> Result<(), ClientError> {
    let session = at(session, args.login.address)?;
    let email = answer("E-mail: ", args.login.email)?;
    let name = answer("Name: ", args.name)?;
    let zone = args.time_zone.or_else(environment::time_zone);
    let password = password(true)?;
    let body = json!({"email": email, "name": name, "password": password.expose_secret(), "time_zone": zone});
    let answer = session.api.send(Request::post("api/auth/register", body)).await?;
    remember(&session, &answer)
}

/// The server that was named here goes before all others.
fn at(session: Session, address: Option<String>) -> Result<Session, ClientError> {
    let session = match address {
        Some(address) => Session::open(Call { server: Some(address), json: session.json })?,
        None => session,
    };
    if is_open_to_others(session.api.server()) {
        anstream::eprintln!("Warning: the password goes to {} unencrypted.", session.api.server());
    }
    Ok(session)
}

fn remember(session: &Session, answer: &Value) -> Result<(), ClientError> {
    let signed_in: wire::SignedIn = read(answer)?;
    let server = session.api.server().to_owned();
    let email = signed_in.user.email;
    let token = Some(SecretString::from(signed_in.access_token));
    SignIn { server: Some(server.clone()), email: Some(email.clone()), token }.save()?;
    // Numbers of another account's list mean nothing to this one.
    super::saved::Shown { server: server.clone(), ..Default::default() }.save()?;
    if session.json {
        return print_json(answer);
    }
    print(format!("Signed in to {server} as {email} ({})", signed_in.user.time_zone))
}

pub async fn logout(mut session: Session) -> Result<(), ClientError> {
    let outcome = session.api.send(Request::post("api/auth/logout", Value::Null)).await;
    // A token that the server does not know any more is gone as well.
    match outcome {
        Ok(_) | Err(ClientError::NotSignedIn(_)) => {}
        Err(error) => return Err(error),
    }
    session.saved.token = None;
    session.saved.save()?;
    if session.json { print_json(&Value::Null) } else { print(format!("Signed out of {}", session.api.server())) }
}

fn answer(question: &str, given: Option<String>) -> Result<String, ClientError> {
    if let Some(given) = given {
        return Ok(given);
    }
    if io::stdin().is_terminal() {
        anstream::eprint!("{question}");
        let _ = io::stderr().flush();
    }
    line()
}

fn password(twice: bool) -> Result<SecretString, ClientError> {
    if !io::stdin().is_terminal() {
        return line().map(Into::into);
    }
    let ask = |question: &str| {
        rpassword::prompt_password(question).map_err(|error| ClientError::Usage(format!("no password: {error}")))
    };
    let password = ask("Password: ")?;
    if twice && ask("Password again: ")? != password {
        return Err(ClientError::Usage("the two passwords differ".into()));
    }
    Ok(password.into())
}

fn line() -> Result<String, ClientError> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    match read {
        Ok(0) => Err(ClientError::Usage("standard input ended before everything was answered".into())),
        Ok(_) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => Err(ClientError::Usage(format!("standard input: {error}"))),
    }
}
