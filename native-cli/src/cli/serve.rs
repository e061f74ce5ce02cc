//! What is typed for `gik serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Args, Debug)]
#[command(after_help = SERVE_HELP)]
pub(crate) struct Serve {
    /// Address and port to listen at; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Folder of the built page, such as www/dist; the page that is part of the binary by default
    #[arg(long, value_name = "FOLDER")]
    pub(crate) page: Option<PathBuf>,
}

const SERVE_HELP: &str = "\
The page reads archives by itself where they let pages of other sites read; the relay, /relay/s3/{bucket}/{key}, reads the others for it:
GET and HEAD of objects of the catalogue's public buckets, nothing else.

Examples:
  gik serve
  gik serve --page www/dist --listen 0.0.0.0:8080";
