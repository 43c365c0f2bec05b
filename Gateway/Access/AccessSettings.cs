using System.Collections.ObjectModel;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Gateway.Access;

/// <summary>The <c>access</c> section of gateway.json.</summary>
internal sealed record AccessSettings
{
    [Description("The SQLite file with the API keys and the audit record, relative to this file.")]
    [Required]
    public string Path { get; init; } = "data/access.db";

    [Description("How many requests a second each key may make; what is more is answered 429.")]
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; init; } = 1000;

    [Description("How many requests of a key may come at once.")]
    [Range(1, 1_000_000)]
    public int Burst { get; init; } = 2000;

    [Description("How many requests without a valid key may come from one address in a second.")]
    [Range(1, 1_000_000)]
    public int StrangerRequestsPerSecond { get; init; } = 5;

    [Description("How many requests without a valid key may come from one address at once.")]
    [Range(1, 1_000_000)]
    public int StrangerBurst { get; init; } = 50;

    [Description("How long a change stays in the audit record, in days; 0 keeps it for ever.")]
    [Range(0, 36500)]
    public int AuditKeepDays { get; init; } = 730;

    [Description("Who else may come in: those whom an OpenID Connect provider knows, with a JWT as bearer token. null takes keys alone.")]
    public OpenIdSettings? OpenId { get; init; }
}

/// <summary>The <c>open_id</c> of the <c>access</c> section.</summary>
internal sealed record OpenIdSettings
{
    private static readonly ReadOnlyDictionary<string, Role> NoRoles = new(new Dictionary<string, Role>());

    [Description("The issuer's address, such as \"https://login.example.com/realms/main\"; its keys are found at /.well-known/openid-configuration below it.")]
    [Required]
    public string Authority { get; init; } = "";

    [Description("What must be the token's audience (aud).")]
    [Required]
    public string Audience { get; init; } = "";

    [Description("The claim that names whoever comes, for the audit record.")]
    [Required]
    public string NameClaim { get; init; } = "sub";

    [Description("The claim that holds roles: a text or a list of texts. A dot goes into an object: \"realm_access.roles\".")]
    [Required]
    public string RoleClaim { get; init; } = "roles";

    [Description("Which role the values of that claim stand for, such as \"iot-admins\": \"admin\". When empty, the values are the roles' own names.")]
    public IReadOnlyDictionary<string, Role> Roles { get; init; } = NoRoles;
}
