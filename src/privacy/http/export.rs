//! `GET admin/clients/{client}/export`, `POST portal/privacy/export`: a file to keep; with `?format=zip` an archive that
//! holds all files of the record, too. Asked for by somebody who has just shown who they are, a few at a time.

use crate::{
    accounts::Permission,
    app::Services,
    db::Pool,
    error::{Error, Result},
    http::{
        answer::Download,
        principal::{AdminPrincipal, PortalPrincipal, Principal},
    },
    ids::UserId,
    privacy::{
        export::{self, Export},
        register,
    },
};
use actix_web::{HttpResponse, http::header, web};
use futures_util::stream;
use serde::Deserialize;
use std::{sync::LazyLock, time::Duration};
use tokio::sync::{Semaphore, mpsc};
use utoipa::{IntoParams, ToSchema};

/// Exports at once: each opens every text of a client.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(4));
/// Pieces that wait for whoever reads.
const PIECES: usize = 64;
/// A reader who takes longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// `?format=`
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// What is given.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExportFormat)]
pub enum Format {
    /// A document: the words of the record, and what its files are.
    #[default]
    Json,
    /// An archive of this document and all files.
    Zip,
}

/// About a client of the practice.
pub async fn by_admin(
    caller: AdminPrincipal,
    client: web::Path<UserId>,
    wanted: web::Query<Wanted>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Download> {
    caller.require(Permission::ManagePrivacy)?;
    export(&caller, *client, wanted.format, &pool, &services).await
}

/// About oneself.
pub async fn by_client(
    caller: PortalPrincipal,
    wanted: web::Query<Wanted>,
    pool: web::Data<Pool>,
    services: web::Data<Services>,
) -> Result<Download> {
    export(&caller, caller.user_id, wanted.format, &pool, &services).await
}

async fn export(
    caller: &Principal,
    client: UserId,
    format: Format,
    pool: &Pool,
    services: &Services,
) -> Result<Download> {
    caller.require_recent()?;
    let place = PLACES.try_acquire().map_err(|_| Error::Busy { retry_after: Duration::from_secs(30) })?;
    let mut conn = pool.get().await?;
    if !register::is_on_file(&mut conn, caller.practice_id, client).await? {
        return Err(Error::NotFound);
    }
    export::note(&mut conn, &caller.actor(), client).await?;
    drop(conn);
    let export = Export {
        pool: pool.clone(),
        keyring: services.keyring.clone(),
        practice: caller.practice_id,
        client,
        reader: caller.role,
        now: services.clock.now(),
    };
    let objects = services.objects.clone();
    let (out, pieces) = mpsc::channel(PIECES);
    actix_web::rt::spawn(async move {
        let _place = place;
        let write = async {
            match format {
                Format::Json => export.write(&out).await,
                Format::Zip => export.write_archive(&objects, &out).await,
            }
        };
        let failed = match tokio::time::timeout(PATIENCE, write).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => Error::store_away(),
        };
        // The reader's connection is broken off: half a document is not taken for a whole one.
        let _ = out.send(Err(failed)).await;
    });
    let body = stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) });
    let (ending, media) = match format {
        Format::Json => ("json", "application/json"),
        Format::Zip => ("zip", "application/zip"),
    };
    let name = format!("attachment; filename=\"carehub-export-{client}.{ending}\"");
    let mut response = HttpResponse::Ok();
    response.content_type(media).insert_header((header::CONTENT_DISPOSITION, name));
    Ok(Download(response.streaming(body)))
}
