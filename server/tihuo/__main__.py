from tihuo.cli import main

main()
