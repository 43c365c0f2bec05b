using System.Globalization;
using System.Text;
using Gateway.Api;
using Gateway.Journal;

namespace Gateway.Cli;

/// <summary>A replay in lines for people.</summary>
internal static class ReplayText
{
    public static string Progress(ReplayStatus status) => string.Create(
        CultureInfo.InvariantCulture, $"{(status.Total == 0 ? 100 : 100 * status.Read / status.Total),3} %  read: {status.Parsed}, unchanged: {status.Unchanged}, failed: {status.Failed}, held: {status.Held}");

    public static string Result(ReplayStatus status)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"replay {status.Id}: {JournalRecordJson.NameOf(status.State)}{(status.Request.DryRun ? ", a dry run: nothing was kept" : "")}\n");
        if (status.Problem is { } problem)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {problem}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"  read       {status.Parsed} frames, {status.Readings} readings\n");
        text.Append(CultureInfo.InvariantCulture, $"  unchanged  {status.Unchanged}\n  failed     {status.Failed}\n");
        text.Append(CultureInfo.InvariantCulture, $"  held       {status.Held}\n  skipped    {status.Skipped}\n");
        Append(text, "not read", status.Failures);
        Append(text, "different", status.Differences);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, IReadOnlyList<ReplayedFrameStatus> frames)
    {
        foreach (var frame in frames)
        {
            var change = frame.Error ?? $"{frame.ReadingBefore?.ToJsonString() ?? "nothing"} becomes {frame.Reading?.ToJsonString() ?? "nothing"}";
            text.Append(CultureInfo.InvariantCulture, $"{title}: record {frame.Sequence} of {(frame.DeviceId.Length > 0 ? frame.DeviceId : "nobody")}, {JournalRecordJson.NameOf(frame.Outcome)}: {Printable(change)}\n");
        }
    }

    // An error may repeat what a device has sent, which must not steer the terminal.
    private static string Printable(string text) => string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
}
