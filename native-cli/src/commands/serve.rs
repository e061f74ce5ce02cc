//! `gik serve`: the viewer's page, and a relay for buckets that pages of other sites cannot read.

mod page;
mod relay;

use std::convert::Infallible;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::catalog;
use crate::cli::Serve;
use crate::exit::{CommandError, ExitStatus};
use crate::printer::Printer;
use crate::settings::Settings;
use page::Page;
use relay::Relay;

/// What is sent back.
type Answer = Response<UnsyncBoxBody<Bytes, BodyError>>;
/// What a body ends with where its source fails.
type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// Serves until it is interrupted.
pub(crate) async fn run(
    typed: &Serve,
    settings: &Settings,
    printer: &Printer,
) -> Result<ExitStatus, CommandError> {
    let catalog = catalog::read(settings)?;
    let site = Arc::new(Site {
        page: Page::open(typed.page.as_deref()).map_err(CommandError::usage)?,
        relay: Relay::new(&catalog, settings)?,
    });
    let listener = TcpListener::bind(typed.listen).await;
    let listener = listener.with_context(|| format!("cannot listen at {}", typed.listen))?;
    let address = listener.local_addr().context("cannot listen")?;
    printer.line(format!("http://{address}/"))?;
    printer.flush()?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A connection that came to nothing is no reason to stop.
                if let Ok((stream, _)) = accepted {
                    tokio::spawn(connection(stream, Arc::clone(&site)));
                }
            }
            _ = tokio::signal::ctrl_c() => return Ok(ExitStatus::Success),
        }
    }
}

struct Site {
    page: Page,
    relay: Relay,
}

async fn connection(stream: TcpStream, site: Arc<Site>) {
    let service = service_fn(|request: Request<Incoming>| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(site.answer(&request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // A browser that hangs up is no news.
    let _ = served.await;
}

impl Site {
    async fn answer(&self, request: &Request<Incoming>) -> Answer {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut answer = text(
                StatusCode::METHOD_NOT_ALLOWED,
                "GET and HEAD are answered, nothing else",
            );
            let allowed = HeaderValue::from_static("GET, HEAD");
            answer.headers_mut().insert(ALLOW, allowed);
            return answer;
        }
        match request.uri().path().strip_prefix("/relay/") {
            Some(path) => self.relay.answer(path, request).await,
            None => self.page.answer(request),
        }
    }
}

/// An answer in words.
fn text(status: StatusCode, words: impl Into<String>) -> Answer {
    let mut answer = Response::new(body(Bytes::from(words.into() + "\n")));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn body(bytes: Bytes) -> UnsyncBoxBody<Bytes, BodyError> {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}
