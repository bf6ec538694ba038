//! A page of a PDF as a picture, so that a preview runs nothing that stands in the file. The page is drawn by a process
//! of its own: it is given the file and nothing else, no settings and no keys, little memory and little time. What it
//! cannot do within that is not shown; it never takes the hub along.

use super::{Media, Object, Objects};
use crate::error::{Error, Result};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// The hidden command that draws.
pub const COMMAND: &str = "draw-page";
/// The most bytes of a picture.
const MOST_BYTES: u64 = 16 << 20;
/// One that takes longer is not shown.
const PATIENCE: Duration = Duration::from_secs(20);
/// Whoever waits longer for their turn is asked to come again.
const TURN: Duration = Duration::from_secs(20);

/// What a preview shows.
pub enum Preview<S> {
    /// The file itself, which is a picture.
    Picture(S),
    Page {
        /// How many there are.
        pages: u32,
        png: Bytes,
    },
}

impl Objects {
    /// A page of a file, counted from 1.
    ///
    /// # Errors
    /// `invalid` where nothing can be shown; `busy` where too many are drawn.
    pub async fn preview(
        &self,
        object: &Object,
        page: u32,
    ) -> Result<Preview<impl Stream<Item = Result<Bytes>> + use<>>> {
        match object.media {
            media if media.is_picture() && page == 1 => Ok(Preview::Picture(self.read(object).await?)),
            Media::Pdf => {
                let turn = timeout(TURN, self.drawing.acquire()).await;
                let _turn = turn.map_err(|_| Error::store_away())?.map_err(anyhow::Error::from)?;
                let content = self.read(object).await?;
                let drawn = timeout(PATIENCE, draw(content, page)).await.map_err(|_| nothing_to_show())??;
                let Some((pages, png)) = drawn else { return Err(nothing_to_show()) };
                Ok(Preview::Page { pages, png })
            }
            _ => Err(nothing_to_show()),
        }
    }
}

fn nothing_to_show() -> Error {
    Error::field("/file", "This file cannot be shown here. Download it to read it.")
}

/// Dropped before it is done, it kills whoever draws.
async fn draw(content: impl Stream<Item = Result<Bytes>>, page: u32) -> Result<Option<(u32, Bytes)>> {
    let program = std::env::current_exe().map_err(anyhow::Error::from)?;
    let mut command = Command::new(program);
    command.arg(COMMAND).arg(page.to_string()).env_clear().kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(anyhow::Error::from)?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Ok(None) };
    let (given, taken) = tokio::join!(give(input, content), take(output));
    given?;
    let status = child.wait().await.map_err(anyhow::Error::from)?;
    Ok(taken.filter(|_| status.success()))
}

async fn give(mut input: ChildStdin, content: impl Stream<Item = Result<Bytes>>) -> Result<()> {
    let mut content = std::pin::pin!(content);
    while let Some(part) = content.next().await {
        // Who does not read to the end says so by how it ends.
        if input.write_all(&part?).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// How many pages there are, in four bytes, and then the picture.
async fn take(output: ChildStdout) -> Option<(u32, Bytes)> {
    let mut output = output.take(MOST_BYTES);
    let pages = output.read_u32().await.ok()?;
    let mut png = Vec::new();
    output.read_to_end(&mut png).await.ok()?;
    Some((pages, png.into()))
}
