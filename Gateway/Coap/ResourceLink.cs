namespace Gateway.Coap;

/// <summary>A link of <c>/.well-known/core</c>.</summary>
/// <param name="Path">An absolute path, percent-encoded where a segment needs it: <c>/m</c>.</param>
/// <param name="ContentFormats">The Content-Formats for the attribute <c>ct</c>.</param>
internal sealed record ResourceLink(string Path, IReadOnlyCollection<int> ContentFormats)
{
    /// <summary>What else is said of the resource, in this order: <c>rt</c>, <c>if</c>, <c>sz</c>, <c>title</c>, <c>obs</c>, ...</summary>
    public IReadOnlyList<LinkAttribute> Attributes { get; init; } = [];
}

/// <summary>An attribute of a link (RFC 6690 §3).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, without quotes; null for one that is there or not, such as <c>obs</c> (RFC 7641 §6).</param>
internal sealed record LinkAttribute(string Name, string? Value = null);
