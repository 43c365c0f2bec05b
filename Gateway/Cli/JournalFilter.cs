using System.CommandLine;
using System.Globalization;
using Gateway.Journal;

namespace Gateway.Cli;

/// <summary>The options that choose records.</summary>
internal sealed class JournalFilter
{
    private readonly Option<string?> _device = new("--device", "-d") { Description = "Only records of this device." };
    private readonly Option<string?> _kind = new("--kind", "-k") { Description = "Only records of this kind: uplink, reread, command or failure." };
    private readonly Option<string?> _since = new("--since", "-s") { Description = "Only what was committed since: an instant such as 2026-01-31T12:00Z, or how long ago, such as 90s, 15m, 2h or 7d." };

    public void AddTo(Command command)
    {
        _kind.AcceptOnlyFromAmong([.. Enum.GetValues<JournalRecordKind>().Select(JournalRecordJson.NameOf)]);
        _since.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && SinceOf(text, TimeProvider.System.GetUtcNow()) is null)
            {
                result.AddError("--since: an instant such as 2026-01-31T12:00Z is expected, or how long ago, such as 90s, 15m, 2h or 7d");
            }
        });
        command.Options.Add(_device);
        command.Options.Add(_kind);
        command.Options.Add(_since);
    }

    public RecordFilter Of(ParseResult result) => new(
        result.GetValue(_device),
        result.GetValue(_kind) is { } kind ? Enum.Parse<JournalRecordKind>(kind, ignoreCase: true) : null,
        result.GetValue(_since) is { } since ? SinceOf(since, TimeProvider.System.GetUtcNow()) : null);

    /// <summary>The instant that is meant; null when it can't be told.</summary>
    public static DateTimeOffset? SinceOf(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
        {
            double? seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => null };
            if (seconds is { } unit)
            {
                return now - TimeSpan.FromSeconds(Math.Min(count * unit, (now - DateTimeOffset.UnixEpoch).TotalSeconds));
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;
    }
}

/// <summary>Which records are meant; null means all.</summary>
/// <param name="Device">Those of one device.</param>
/// <param name="Kind">Those of one kind.</param>
/// <param name="Since">Those that were committed since.</param>
internal sealed record RecordFilter(string? Device, JournalRecordKind? Kind, DateTimeOffset? Since)
{
    public bool Takes(JournalRecord record) =>
        (Kind is null || record.Kind == Kind) && (Device is null || record.DeviceId.Equals(Device, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where to begin to read.</summary>
    public long After(JournalReader reader) => Since is { } since ? reader.LastBefore(since) : 0;
}
