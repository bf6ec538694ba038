//! placeholder
#[derive(Clone, Debug, clap::Args)]
pub struct Options {}
pub async fn run(_: &Options) -> anyhow::Result<crate::measure::Report> {
    anyhow::bail!("not built yet")
}
