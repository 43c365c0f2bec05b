using System.Collections.Frozen;

namespace Gateway.Sinks;

/// <summary>Which messages a sink gets: those that are in every list that is not empty.</summary>
internal sealed class SinkFilter(SinkFilterSettings settings)
{
    private readonly FrozenSet<string> _profiles = settings.Profiles.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _labels = settings.Labels.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<string> _indexes = settings.Indexes.ToFrozenSet(StringComparer.Ordinal);
    private readonly FrozenSet<MessageKind> _kinds = settings.Kinds.ToFrozenSet();

    /// <summary>Whether readings of one frame may pass in part.</summary>
    public bool TellsReadingsApart => _indexes.Count > 0 || _labels.Count > 0;

    /// <summary>Whether messages of a kind may pass at all.</summary>
    public bool Wants(MessageKind kind) => _kinds.Count == 0 || _kinds.Contains(kind);

    public bool Passes(SinkMessage message) =>
        Wants(message.Kind)
        && (_profiles.Count == 0 || _profiles.Contains(message.Profile))
        && (_indexes.Count == 0 || (message.Index is { } index && _indexes.Contains(index)))
        && (_labels.Count == 0 || message.Labels.Any(_labels.Contains));
}
