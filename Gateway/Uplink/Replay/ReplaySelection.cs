using Gateway.Journal;

namespace Gateway.Uplink;

/// <summary>Which records a replay is about, by what they say themselves.</summary>
internal static class ReplaySelection
{
    public static bool Takes(ReplayRequest request, JournalRecord record) =>
        record.Kind is JournalRecordKind.Uplink
        && (request.All || record.Outcome is not FrameOutcome.Parsed)
        && (request.Profile is null || record.Profile == request.Profile)
        && (request.Device is null || record.DeviceId == request.Device)
        && (request.Approved is null || (record.Outcome is FrameOutcome.Held && request.Approved.Contains(record.DeviceId)))
        && (request.Since is null || record.ReceivedAt >= request.Since)
        && (request.Until is null || record.ReceivedAt < request.Until);
}
