namespace Gateway.Tests.Support;

/// <summary>Frames that many tests send.</summary>
internal static class Frames
{
    /// <summary>The vector real_th_2025, as hexadecimal digits: a real Efento sensor's temperature and humidity, two samples each.</summary>
    public const string Efento =
        "0a06282c02424eed1001183c220f080110b8d0a7c20620d2032a020000220e080210b8d0a7c20620722a0200002896d5a7c20640014809820100";

    /// <summary>The sensor that sent it.</summary>
    public const string EfentoDevice = "282c02424eed";
}
