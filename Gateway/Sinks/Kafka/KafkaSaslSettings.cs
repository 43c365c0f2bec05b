using System.ComponentModel;

namespace Gateway.Sinks;

/// <summary>The <c>sasl</c> of a Kafka sink: who the gateway is.</summary>
internal sealed record KafkaSaslSettings
{
    [Description("How the user proves who it is: plain, scram_sha256 or scram_sha512; null for brokers that do not ask.")]
    public KafkaSaslMechanism? Mechanism { get; init; }

    [Description("The user's name.")]
    public string? User { get; init; }

    [Description("The user's password; ${NAME} takes it from the environment.")]
    [PasswordPropertyText(true)]
    public string? Password { get; init; }

    public IEnumerable<(string Setting, string Problem)> Problems()
    {
        if (Mechanism is null)
        {
            return User is null && Password is null ? [] : [("sasl.mechanism", "must be given for a user: plain, scram_sha256 or scram_sha512")];
        }

        IEnumerable<(string, string?)> parts = [("sasl.user", User), ("sasl.password", Password)];
        return [.. from part in parts where string.IsNullOrEmpty(part.Item2) select (part.Item1, "must be given with sasl.mechanism")];
    }
}
