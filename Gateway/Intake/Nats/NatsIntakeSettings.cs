using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Gateway.Sinks;

namespace Gateway.Intake;

/// <summary>Commands from a stream of NATS JetStream, by a durable consumer.</summary>
internal sealed record NatsIntakeSettings : IntakeSettings, INatsServer
{
    // A consumer's name is a folder of the server, as a stream's is, and a token of the subjects by which it is asked.
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t\r\n.*>/\\\0");

    [Description("The server: nats://host:4222, or tls://host:4222 for TLS. Without a port it is 4222.")]
    [Required]
    public string Url { get; init; } = "";

    [Description("The subject that commands come by. {device_id}, as a whole token, stands for any device, which the command then need not name.")]
    [Required]
    public string Subject { get; init; } = "devices.{device_id}.commands";

    [Description("The stream that keeps the commands.")]
    [Required]
    public string Stream { get; init; } = "device_commands";

    [Description("Whether the stream is created when there is none of this name. One that is there is left as it is.")]
    public bool CreateStream { get; init; } = true;

    [Description("How many days a stream that the intake creates keeps a message; 0 keeps it until somebody removes it.")]
    [Range(0, 36_500)]
    public int KeepDays { get; init; } = 7;

    [Description("The durable consumer, which keeps the intake's place in the stream; it is created when there is none.")]
    [Required]
    public string Consumer { get; init; } = "gateway";

    [Description("How long the server waits for an acknowledgement before the message comes again, in seconds. More than retry.longest_wait_seconds.")]
    [Range(1, 3600)]
    public double AckWaitSeconds { get; init; } = 60;

    [Description("The subject of replies, with {device_id} where the device's id is to stand; null sends replies only to those who name a subject in the header Gateway-Reply-To.")]
    public string? ReplySubject { get; init; } = "devices.{device_id}.commands.status";

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

    [Description("How long the server may be silent before the connection is given up, in seconds.")]
    [Range(1, 600)]
    public double TimeoutSeconds { get; init; } = 20;

    [Description("TLS, for tls://.")]
    public TlsSettings Tls { get; init; } = new();

    internal override IntakeSettings WithPaths(Func<string, string> absolute) => this with
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
            ("subject", string.IsNullOrWhiteSpace(Subject) ? null : IntakeTopic.Problem(Subject, TopicRules.Nats)),
            ("stream", OfName(Stream)),
            ("consumer", OfName(Consumer)),
            ("ack_wait_seconds", AckWaitSeconds > Retry.LongestWaitSeconds ? null : "must be more than retry.longest_wait_seconds, or a message that waits for its next try would come again"),
            ("reply_subject", ReplySubject is null ? null : IntakeTopic.Problem(ReplySubject, TopicRules.Nats) ?? Echo(ReplySubject)),
        ];
        return [.. own.Where(found => found.Problem is not null)!, .. Tls.Problems()];
    }

    private static string? OfName(string name) => name.AsSpan().ContainsAny(NotInNames) ? "must have no white space, \".\", \"*\", \">\", \"/\" or \"\\\" in it" : null;

    // The gateway would take its own replies for commands, and reply to them.
    private string? Echo(string reply) =>
        IntakeTopic.Problem(Subject, TopicRules.Nats) is null && IntakeTopic.Parse(Subject, TopicRules.Nats).Matches(IntakeTopic.Parse(reply, TopicRules.Nats).Of("x")!, out _)
            ? "is among the subjects of commands, so replies would come back as commands"
            : null;
}
