using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Gateway.Sinks;

/// <summary>Npgsql's connection string, as gateway.json has it and as the sink uses it.</summary>
internal static class PostgreSqlOptions
{
    private const int KeepAliveSeconds = 30;

    /// <summary>
    /// What is wrong with a connection string; null when nothing is. It says nothing of what stands in it: where a password has a
    /// semicolon and is not quoted, what looks like a keyword is a part of the password.
    /// </summary>
    public static string? Problem(string text)
    {
        const string form = "write Host=server;Database=readings;Username=gateway, and quote what has a semicolon in it";
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = text };
            var known = new NpgsqlConnectionStringBuilder();
            var place = 0;
            foreach (string keyword in parts.Keys)
            {
                place++;
                if (!Accepts(known, keyword, parts[keyword]))
                {
                    return string.Create(CultureInfo.InvariantCulture, $"has a keyword that Npgsql does not know, or a value that it does not take, in its part {place}: {form}");
                }
            }

            return string.IsNullOrWhiteSpace(known.Host) ? $"names no Host: {form}" : null;
        }
        catch (ArgumentException)
        {
            return $"is no connection string: {form}";
        }
    }

    public static bool HasPassword(string text) => Problem(text) is null && new NpgsqlConnectionStringBuilder(text).Password is not null;

    /// <summary>The connection string with absolute paths.</summary>
    public static string WithPaths(string text, Func<string, string> absolute)
    {
        var builder = new NpgsqlConnectionStringBuilder(text);
        string? Absolute(string? path) => string.IsNullOrEmpty(path) ? path : absolute(path);
        (builder.RootCertificate, builder.SslCertificate) = (Absolute(builder.RootCertificate), Absolute(builder.SslCertificate));
        (builder.SslKey, builder.Passfile) = (Absolute(builder.SslKey), Absolute(builder.Passfile));
        return builder.ConnectionString;
    }

    /// <param name="settings">The sink's settings, which have been checked.</param>
    public static NpgsqlConnectionStringBuilder Of(PostgreSqlSinkSettings settings)
    {
        var patience = (int)Math.Ceiling(settings.TimeoutSeconds);
        var builder = new NpgsqlConnectionStringBuilder(settings.Connection)
        {
            // One connection is held; a pool would give back one whose server has gone.
            Pooling = false,
            Enlist = false,
            Timeout = patience,
            CommandTimeout = patience,
        };
        builder.Password = settings.Password ?? builder.Password;
        builder.ApplicationName ??= "coap-gateway";

        // So that a server that has gone is known before the next batch.
        builder.KeepAlive = builder.KeepAlive > 0 ? builder.KeepAlive : KeepAliveSeconds;
        return builder;
    }

    private static bool Accepts(NpgsqlConnectionStringBuilder known, string keyword, object value)
    {
        try
        {
            known[keyword] = value;
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or FormatException or OverflowException or InvalidCastException)
        {
            return false;
        }
    }
}
