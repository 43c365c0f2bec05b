using System.Buffers;
using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Sinks;

/// <summary>Messages to a stream of NATS JetStream.</summary>
internal sealed record NatsSinkSettings : SinkSettings, INatsServer
{
    // One list for all, so that two sinks with the defaults are equal.
    private static readonly ReadOnlyCollection<string> OfTemplate = new([]);

    // A stream is a folder of the server, and a token of the subjects by which it is asked.
    private static readonly SearchValues<char> NotInStreams = SearchValues.Create(" \t\r\n.*>/\\\0");

    [Description("The server: nats://host:4222, or tls://host:4222 for TLS. Without a port it is 4222.")]
    [Required]
    public string Url { get; init; } = "";

    [Description("The subject of a message: a template with the variables {device_id}, {index}, {profile}, {kind}, {label} and {label...}.")]
    [Required]
    public string Subject { get; init; } = "devices.{device_id}.readings.{index}";

    [Description("The stream that takes the messages; the sink waits while another one, or none, takes their subjects.")]
    [Required]
    public string Stream { get; init; } = "readings";

    [Description("Whether the stream is created when there is none of this name. One that is there is left as it is.")]
    public bool CreateStream { get; init; } = true;

    [Description("The subjects of a stream that the sink creates; empty takes those that the template can make.")]
    public IReadOnlyList<string> Subjects { get; init; } = OfTemplate;

    [Description("How long a stream that the sink creates knows a message's id, in seconds: what comes again within that time is dropped.")]
    [Range(1, 86_400)]
    public double DuplicateWindowSeconds { get; init; } = 600;

    [Description("How many days a stream that the sink creates keeps a message; 0 keeps it until somebody removes it.")]
    [Range(0, 36_500)]
    public int KeepDays { get; init; } = 30;

    [Description("The user's name; null for none.")]
    public string? User { get; init; }

    [Description("The user's password; ${NAME} takes it from the environment.")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }

    [Description("A token instead of a user; ${NAME} takes it from the environment.")]
    [PasswordPropertyText(true)]
    public string? Token { get; init; }

    [Description("A file of credentials (.creds, with a JWT and its seed) instead of a user, relative to this file.")]
    public string? CredentialsFile { get; init; }

    [Description("A file with the seed of an NKey instead of a user, relative to this file.")]
    public string? NkeyFile { get; init; }

    [Description("How many messages may be on their way before the server has answered the first.")]
    [Range(1, 10_000)]
    public int MaxInFlight { get; init; } = 100;

    [Description("How long the server may be silent before the connection is given up, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    [Description("TLS, for tls://.")]
    public TlsSettings Tls { get; init; } = new();

    internal override bool PacksByIndex => TopicTemplate.Problem(Subject, TopicRules.Nats) is null && Template.Has(TopicVariable.Index);

    internal TopicTemplate Template => TopicTemplate.Parse(Subject, TopicRules.Nats);

    internal override SinkSettings WithPaths(Func<string, string> absolute) => this with
    {
        Tls = Tls.WithPaths(absolute),
        CredentialsFile = CredentialsFile is { } credentials ? absolute(credentials) : null,
        NkeyFile = NkeyFile is { } key ? absolute(key) : null,
    };

    internal override IEnumerable<(string Setting, string Problem)> Problems()
    {
        IEnumerable<(string Setting, string? Problem)> own =
        [
            .. NatsOptions.Problems(this),
            ("subject", string.IsNullOrWhiteSpace(Subject) ? null : TopicTemplate.Problem(Subject, TopicRules.Nats)),
            ("stream", Stream.AsSpan().ContainsAny(NotInStreams) ? "must have no white space, \".\", \"*\", \">\", \"/\" or \"\\\" in it" : null),
            ("subjects", Subjects.Any(string.IsNullOrWhiteSpace) ? "must not have an empty subject" : null),
        ];
        return [.. base.Problems(), .. own.Where(found => found.Problem is not null)!, .. Tls.Problems()];
    }
}
