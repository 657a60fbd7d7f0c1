// The plot of the program is in service/cli; this is only its first line.
int main() {
  return 0;
}
