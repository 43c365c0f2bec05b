namespace Gateway.Scripting;

/// <summary>Bytes as people write them: hexadecimal digits, with spaces and colons wherever they like.</summary>
internal static class HexText
{
    /// <summary>The bytes; false when the text has an odd number of digits, or something else in it.</summary>
    public static bool TryParse(string text, out byte[] bytes)
    {
        var digits = string.Concat(text.Where(character => character is not (' ' or ':')));
        bytes = new byte[digits.Length / 2];
        return digits.Length % 2 == 0 && Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
