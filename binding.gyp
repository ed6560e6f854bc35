{
  # The addon of native/ becomes the one target here.
  "targets": [],
}
