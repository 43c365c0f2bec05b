using System.Collections.ObjectModel;
using System.ComponentModel;

namespace Gateway.Sinks;

/// <summary>The <c>filter</c> of a sink. An empty list lets all pass.</summary>
internal sealed record SinkFilterSettings
{
    // One list for all, so that two filters with the defaults are equal.
    private static readonly ReadOnlyCollection<MessageKind> ReadingsOnly = new([MessageKind.Reading]);

    [Description("Only messages of devices with one of these profiles; empty takes all.")]
    public IReadOnlyList<string> Profiles { get; init; } = [];

    [Description("Only messages with at least one of these labels; empty takes all.")]
    public IReadOnlyList<string> Labels { get; init; } = [];

    [Description("Only readings of these indexes, such as TEMPERATURE; empty takes all.")]
    public IReadOnlyList<string> Indexes { get; init; } = [];

    [Description("Which kinds of messages: reading, command_event, error; empty takes all.")]
    public IReadOnlyList<MessageKind> Kinds { get; init; } = ReadingsOnly;

    public IEnumerable<(string Setting, string Problem)> Problems() =>
    [
        .. OfList("filter.profiles", Profiles),
        .. OfList("filter.labels", Labels),
        .. OfList("filter.indexes", Indexes),
        .. Indexes.Count > 0 && Kinds.Count > 0 && !Kinds.Contains(MessageKind.Reading)
            ? [("filter.indexes", "only readings have an index, and filter.kinds leaves readings out: nothing would pass")]
            : Enumerable.Empty<(string, string)>(),
    ];

    private static IEnumerable<(string Setting, string Problem)> OfList(string setting, IReadOnlyList<string> list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(list[i]))
            {
                yield return ($"{setting}[{i}]", "must not be empty");
            }
            else if (list.Take(i).Contains(list[i]))
            {
                yield return ($"{setting}[{i}]", $"\"{list[i]}\" is in the list already");
            }
        }
    }
}
