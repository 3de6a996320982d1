//! What the kernel says about this process → the standard `process_*` metrics, read whenever someone requests
//! them. Where there is no `/proc` (macOS), they are left out.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::metric_rows::{
    self, MetricRow, PROCESS_CPU, PROCESS_FDS, PROCESS_MAX_FDS, PROCESS_RESIDENT, PROCESS_VIRTUAL,
};

/// Linux counts the time of processes in hundredths of a second on every platform of this program.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads the process at each request.
#[derive(Debug)]
pub(super) struct ProcessMetrics;

impl Collector for ProcessMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        if let Some(seconds) =
            fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu_seconds)
        {
            let counter = ConstCounter::new(seconds);
            encode(&mut encoder, &PROCESS_CPU, &counter)?;
        }
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        for (row, key) in [(PROCESS_RESIDENT, "VmRSS:"), (PROCESS_VIRTUAL, "VmSize:")] {
            if let Some(bytes) = memory_bytes(&status, key) {
                encode(&mut encoder, &row, &ConstGauge::new(bytes))?;
            }
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            // The descriptor that reads the folder is closed afterwards.
            let open = i64::try_from(files.count()).unwrap_or(i64::MAX).saturating_sub(1);
            encode(&mut encoder, &PROCESS_FDS, &ConstGauge::new(open))?;
        }
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        if let Some(most) = open_files_limit(&limits) {
            encode(&mut encoder, &PROCESS_MAX_FDS, &ConstGauge::new(most))?;
        }
        Ok(())
    }
}

fn encode(
    encoder: &mut DescriptorEncoder<'_>,
    row: &MetricRow,
    metric: &impl EncodeMetric,
) -> fmt::Result {
    let (name, unit) = metric_rows::split_unit(row.name);
    // As the registry writes it.
    let help = format!("{}.", row.help);
    metric.encode(encoder.encode_descriptor(name, &help, unit.as_ref(), metric.metric_type())?)
}

/// proc(5): the 14th and 15th field of `stat` are the ticks in user and in kernel mode. The second is a name that may
/// hold spaces and parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

/// A line of `status`: `VmRSS:     1234 kB`.
fn memory_bytes(status: &str, key: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: i64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The soft limit in `limits`: `Max open files            1024                 4096                 files`.
fn open_files_limit(limits: &str) -> Option<i64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_writes_is_read() {
        let stat = "12 (a) b) c) S 1 2 3 0 -1 4 5 6 7 8 250 50 9 9 20 0 3 0 777 4096 100";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("12 (a"), None);
        let status = "Name:\trafid\nVmSize:\t  2048 kB\nVmRSS:\t     12 kB\n";
        assert_eq!(memory_bytes(status, "VmRSS:"), Some(12 * 1024));
        assert_eq!(memory_bytes(status, "VmSize:"), Some(2048 * 1024));
        assert_eq!(memory_bytes(status, "VmSwap:"), None);
        let limits = "Limit   Soft Limit Hard Limit Units\n\
                      Max open files            1024                 4096                 files\n";
        assert_eq!(open_files_limit(limits), Some(1024));
        assert_eq!(open_files_limit("Max open files   unlimited unlimited files"), None);
    }
}
