using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>The <c>topics</c> of a Kafka sink.</summary>
internal sealed record KafkaTopicsSettings
{
    // Kafka's own bound, which keeps the names of its files below 255.
    private const int MaxLength = 249;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    [Description("The topic of readings.")]
    [Required]
    public string Readings { get; init; } = "readings";

    [Description("The topic of what becomes of commands.")]
    [Required]
    public string CommandEvents { get; init; } = "command_events";

    [Description("The topic of frames that could not be read.")]
    [Required]
    public string Errors { get; init; } = "errors";

    public string Of(MessageKind kind) => kind switch
    {
        MessageKind.CommandEvent => CommandEvents,
        MessageKind.Error => Errors,
        _ => Readings,
    };

    public IEnumerable<(string Setting, string Problem)> Problems() =>
        from topic in new[] { ("topics.readings", Readings), ("topics.command_events", CommandEvents), ("topics.errors", Errors) }
        let problem = string.IsNullOrWhiteSpace(topic.Item2) ? null : Problem(topic.Item2)
        where problem is not null
        select (topic.Item1, problem);

    /// <summary>What is wrong with the name of a topic; null when nothing is.</summary>
    public static string? Problem(string topic) => topic is "" or "." or ".." || topic.Length > MaxLength || topic.AsSpan().ContainsAnyExcept(Allowed)
        ? $"is no topic of Kafka: up to {MaxLength} letters, digits, \".\", \"_\" and \"-\""
        : null;
}
